"""Tests of the devcontainers: their files, the program `devcontainer` that starts them, and real devcontainers.

Each devcontainer is for one track, a pinned version of libp2p such as v0.4.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jsonschema
import pytest
import yaml
from cputime import less_cpu_time_than
from docker_kit import BUILDS, DockerFolders
from programs import line_of, put

from dev.command.errors import CommandError
from dev.doors import devcontainer
from dev.doors.bases import pinned_base, pinned_redis
from dev.doors.checkout import project_name
from dev.doors.door import Absent
from dev.doors.engine import Engine
from dev.doors.offline.images import REDIS, python_image
from dev.doors.sources import list_sources
from dev.lockenv.project import Project

SCHEMA = Path(__file__).with_name("schema") / "devContainer.base.schema.json"
TRACKS = ["v0.4", "v0.8", "v0.8-py313"]
HAVE_ONE = re.escape(f"expected a track that has a devcontainer ({', '.join(TRACKS)})")
PYTHON = python_image("3.11")


def config(project: Project, track: str) -> Any:
    return json.loads(devcontainer.config_of(project, track).read_text())


def test_the_schema_has_the_hash_of_the_published_schema() -> None:
    """The README.md next to the schema has the published hash."""
    said = SCHEMA.with_name("README.md").read_text()
    assert hashlib.sha256(SCHEMA.read_bytes()).hexdigest() in said.split()


@pytest.mark.parametrize("track", TRACKS)
def test_a_configuration_fits_the_schema(project: Project, track: str) -> None:
    validator = jsonschema.Draft201909Validator(json.loads(SCHEMA.read_text()))
    assert list(validator.iter_errors(config(project, track))) == []
    assert list(validator.iter_errors(config(project, track) | {"runServices": "redis"}))


def test_the_configurations_differ_only_in_the_track(project: Project) -> None:
    services = yaml.safe_load((project.root / ".devcontainer" / "compose.yaml").read_text())["services"]
    assert services.keys() == {"redis", *TRACKS}
    assert set(TRACKS) == set(project.tracks) - set(project.git_libraries)
    one = devcontainer.config_of(project, "v0.4").read_text()
    for track in TRACKS:
        release, _, python = track.removeprefix("v").partition("-py3")
        name = f"libp2p {release}{python and f' on Python 3.{python}'}"
        text = one.replace('"v0.4"', f'"{track}"').replace("-v0.4/", f"-{track}/").replace("libp2p 0.4", name)
        assert devcontainer.config_of(project, track).read_text() == text
        dockerfile = services[track]["build"].get("dockerfile", "Dockerfile")
        arguments = dict(re.findall(r"(?m)^ARG (TRACK|PYTHON)=(.+)$", (project.root / dockerfile).read_text()))
        assert arguments == {"TRACK": track, "PYTHON": project.pythons[track]}
        assert services[track] | {"build": None} == services["v0.4"] | {"build": None}


def test_only_the_images_are_pulled(project: Project) -> None:
    for track in TRACKS:
        assert "features" not in config(project, track)
    text = (project.root / ".devcontainer" / "compose.yaml").read_text()
    assert re.findall(r"image: (\S+)", text) == [f"${{REDIS_IMAGE:-{pinned_redis(project)}}}"]


def test_the_editor_skips_the_tests_that_cannot_run_in_the_container(project: Project) -> None:
    settings = config(project, "v0.4")["customizations"]["vscode"]["settings"]
    marks = re.findall(r'^  "([a-z]+): ', (project.root / "pyproject.toml").read_text(), re.MULTILINE)
    left_out = re.findall(r"not (\w+)", settings["python.testing.pytestArgs"][1])
    assert set(left_out) <= set(marks)
    assert settings["python.defaultInterpreterPath"] == "/home/dev/environments/.venv-test-v0.4/bin/python"


def test_a_track_without_a_devcontainer_is_an_error(project: Project) -> None:
    with pytest.raises(CommandError, match=f": {HAVE_ONE}, found 'v9'$"):
        devcontainer.config_of(project, "v9")


@pytest.mark.parametrize("track", ["v0.4", "v0.4-git"])
def test_the_door_reports_a_missing_engine_first_and_then_a_missing_configuration(
    project: Project, docker_folders: DockerFolders, track: str
) -> None:
    """The door, which is the way into the devcontainer, checks the engine before the files of the track."""
    door = devcontainer.DevcontainerDoor()
    with pytest.raises(Absent, match=r"^engine: expected an engine with compose, found neither docker nor "):
        door.require(project, track)
    put(docker_folders.first, "docker", BUILDS)
    if track == "v0.4":
        door.require(project, track)
    else:
        with pytest.raises(
            Absent,
            match=f"^devcontainer: {HAVE_ONE}, found 'v0.4-git'$",
        ):
            door.require(project, track)


def test_the_installed_command_line_comes_last_on_path(project: Project) -> None:
    path = devcontainer.DevcontainerDoor().search_path(project, "/first")
    assert path.split(os.pathsep) == ["/first", f"{project.cache}/devcontainer/bin"]


def test_a_command_needs_a_running_devcontainer(project: Project, tmp_path: Path) -> None:
    engine = Engine(str(put(tmp_path, "docker", "")))
    assert line_of(lambda: devcontainer.execute(engine, project, "v0.4", ["true"])) == (
        "devcontainer: expected the devcontainer of v0.4 to be running, found none; start it with: "
        "scripts/devcontainer --track v0.4 up"
    )


def images(tmp_path: Path, *here: str) -> Engine:
    """Return an engine whose docker has only the images `here`."""
    known = f'case " {" ".join(here)} " in *" $name "*) echo sha256:1 ;; *) exit 1 ;; esac'
    return Engine(str(put(tmp_path, "docker", f"for name; do :; done\ntest $1 != ps || exit 0\n{known}")))


@pytest.mark.usefixtures("no_settings")
def test_stand_ins_are_used_if_the_pinned_images_are_missing(project: Project, tmp_path: Path) -> None:
    mine = replace(project, root=owned(project, tmp_path))
    found = devcontainer.settings(images(tmp_path, PYTHON.tag, REDIS.tag), mine, "v0.4")
    own = {"COMPOSE_PROJECT_NAME": "checkout_devcontainer"}
    assert found.environment == {"BASE_IMAGE": PYTHON.tag, "REDIS_IMAGE": REDIS.tag, **own}
    assert [remark.partition(" is a stand-in ")[0] for remark in found.remarks] == ["the base", "the redis"]
    pinned = {"BASE_IMAGE": pinned_base(project), "REDIS_IMAGE": pinned_redis(project)}
    every = images(tmp_path, *pinned.values(), PYTHON.tag, REDIS.tag)
    assert devcontainer.settings(every, mine, "v0.4") == devcontainer.Settings(pinned | own, [])
    with pytest.raises(CommandError, match=r"^base: expected to pull python:3\.11\..*: scripts/offline images$"):
        devcontainer.settings(images(tmp_path), mine, "v0.4")


@pytest.mark.usefixtures("no_settings")
def test_the_registry_settings_of_the_machine_reach_the_container(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = replace(project, root=owned(project, tmp_path), home=tmp_path / "home")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://name:word@index.example/simple")
    monkeypatch.setenv("PIP_CERT", "none.pem")
    with pytest.raises(CommandError, match=r"^PIP_CERT: expected a file of certificates, found "):
        devcontainer.settings(images(tmp_path), mine, "v0.4")
    monkeypatch.delenv("PIP_CERT")
    found = devcontainer.settings(images(tmp_path, PYTHON.tag, REDIS.tag), mine, "v0.4").environment
    path = Path(found["PING_TEST_REGISTRIES"])
    assert path.read_text() == "export UV_DEFAULT_INDEX=https://name:word@index.example/simple\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.is_relative_to(mine.cache)


def owned(project: Project, tmp_path: Path) -> Path:
    """Copy the files that `settings` reads from a checkout, owned by a user who is not root; return the copy's path."""
    root = tmp_path / "checkout"
    root.mkdir()
    for name in ("Dockerfile", "compose.yaml"):
        shutil.copy(project.root / name, root)
    if os.geteuid() == 0:
        os.chown(root, 1234, 1234)
    return root


def test_a_checkout_of_root_makes_root_the_user(project: Project, tmp_path: Path) -> None:
    root = owned(project, tmp_path)
    if os.geteuid() != 0:
        pytest.skip("only root can own the checkout of this test; run as root")
    os.chown(root, 0, 0)
    found = devcontainer.settings(images(tmp_path, PYTHON.tag, REDIS.tag), replace(project, root=root), "v0.4")
    assert found.environment["DEVCONTAINER_USER"] == "root"


def test_each_complaint_is_reported_once() -> None:
    said = (
        "[1 ms] @devcontainers/cli 0.89.0.\n[2026-11-25T02:45:45.507Z] Start: Run: docker build\n"
        "#9 2.215 lockenv: no space left on device\n#9 2.215 lockenv: no space left on device\n"
        "Error: Command failed: docker compose -f x\n    at eW (error.js:434:3348)\n"
    )
    assert devcontainer.complaints(said) == "#9 2.215 lockenv: no space left on device"
    assert devcontainer.complaints("nothing of the kind") == "nothing of the kind"
    assert devcontainer.complaints("it stopped\n    at Fe (error.js:5:1)\n  code: undefined\n}\n") == "it stopped"


class Labelled:
    """A docker whose containers have labels; `ps` finds them by its filters, and each removal is recorded."""

    def __init__(self, folder: Path, *containers: dict[str, str]) -> None:
        self.folder, self.engine = folder, Engine(str(folder / "docker"))
        (folder / "containers").write_text(json.dumps(containers))
        script = """
import json, sys
folder, *words = sys.argv[1:]
open(f"{folder}/asked", "a").write(" ".join(words) + "\\n")
every = json.load(open(f"{folder}/containers"))
wanted = [word[6:].split("=", 1) for word in words if word.startswith("label=")]
fits = [n for n, one in enumerate(every) if all(k in one and (not v or one[k] == v[0]) for k, *v in wanted)]
if words[0] == "ps":
    print("\\n".join("image" if "{{.Image}}" in words else str(n) for n in fits))
if words[0] == "inspect":
    print(json.dumps([{"Config": {"Labels": every[int(word)]}} for word in words[1:]]))
if words[0] == "images":
    print("sha256:built")
"""
        (folder / "docker.py").write_text(script)
        put(folder, "docker", f'exec {sys.executable} -I {folder}/docker.py {folder} "$@"')

    def removed(self) -> list[str]:
        asked = (self.folder / "asked").read_text().splitlines()
        return [line for line in asked if line.startswith(("compose", "image rm"))]


def labels(root: Path, service: str, compose: str = "mine", **more: str) -> dict[str, str]:
    own = {"devcontainer.local_folder": str(root), "devcontainer.config_file": f"{root}/.devcontainer/{service}/x"}
    return own | {"com.docker.compose.project": compose, "com.docker.compose.service": service} | more


def test_down_ends_only_the_containers_of_this_checkout_and_names_them(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An editor or COMPOSE_PROJECT_NAME chose the name of the project, so only the labels find it."""
    monkeypatch.delenv("COMPOSE_PROJECT_NAME", raising=False)
    redis = {"com.docker.compose.project": "mine", "com.docker.compose.service": "redis"}
    docker = Labelled(tmp_path, labels(project.root, "v0.4"), redis, labels(Path("/other"), "v0.4", "other"))
    assert devcontainer.end(docker.engine, project) == ["ended mine: redis, v0.4"]
    assert docker.removed() == ["compose --project-name mine down --timeout 2 --volumes"]
    assert devcontainer.end(docker.engine, project, images=True)[1:] == ["removed 2 images"]
    assert docker.removed()[-1] == "image rm --force image sha256:built"


def test_down_without_a_container_removes_nothing(project: Project, tmp_path: Path) -> None:
    docker = Labelled(tmp_path, labels(Path("/other"), "v0.4"))
    assert devcontainer.end(docker.engine, project) == []
    assert docker.removed() == []


def test_up_keeps_the_name_of_its_project_and_takes_over_no_other_checkout(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPOSE_PROJECT_NAME", "of-the-person")
    mine = Labelled(tmp_path, labels(project.root, "v0.4", "from-an-editor"))
    assert devcontainer._names(mine.engine, project) == {"COMPOSE_PROJECT_NAME": "from-an-editor"}
    taken = Labelled(tmp_path, labels(Path("/other"), "v0.4", project_name(project.root)))
    assert devcontainer._names(taken.engine, project) == {}
    monkeypatch.delenv("COMPOSE_PROJECT_NAME")
    assert devcontainer._names(taken.engine, project)["COMPOSE_PROJECT_NAME"].startswith("ping-test-")


def test_a_failed_start_shows_the_reason_of_the_engine(project: Project, tmp_path: Path) -> None:
    home = replace(project, home=tmp_path)
    folder = home.cache / "devcontainer"
    said = (
        "[1 ms] Start: Run: docker compose\n Error response from daemon: no space left on device\n    at x (a.js:1:2)"
    )
    put(folder / "bin", "devcontainer", f"cat >&2 <<'EOF'\n{said}\nEOF\nexit 1")
    shutil.copy(project.root / "locks" / "devcontainer" / "package-lock.json", folder)
    found = devcontainer.Settings({}, [])
    assert line_of(lambda: devcontainer.start(Engine("docker"), home, "v0.4", found)) == (
        "devcontainer: expected the devcontainer of v0.4 to start, found: Error response from daemon: no space left on "
        "device"
    )


@pytest.mark.network
def test_the_command_line_has_the_locked_version_and_is_repaired(project: Project, tmp_path: Path) -> None:
    home = replace(project, home=tmp_path)
    program = devcontainer.command_line(home)
    version = json.loads((project.root / "locks" / "devcontainer" / "package.json").read_text())["dependencies"]
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    assert {"@devcontainers/cli": told} == version
    assert devcontainer.command_line(home).stat().st_mtime == program.stat().st_mtime
    (home.cache / "devcontainer" / "package-lock.json").unlink()  # Simulate an interrupted install.
    (home.cache / "devcontainer" / "node_modules" / "@devcontainers" / "cli" / "devcontainer.js").unlink()
    devcontainer.command_line(home)
    assert subprocess.run([program, "--version"], capture_output=True, check=True).stdout.strip() == told.encode()


def test_the_lock_of_the_command_line_names_no_host(project: Project) -> None:
    lock = json.loads((project.root / "locks" / "devcontainer" / "package-lock.json").read_text())
    assert all("resolved" not in package for package in lock["packages"].values())
    assert lock["packages"]["node_modules/@devcontainers/cli"]["integrity"].startswith("sha512-")


def commit(root: Path) -> None:
    """Make a folder a git repository, and commit all its files."""
    own = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
    for words in (("init", "-q"), ("add", "-A"), (*own, "commit", "-q", "-m", "all")):
        subprocess.run(["git", *words], cwd=root, check=True)


class Person:
    """A user who may use the engine and has a separate checkout.

    `number` is the user's ID, and `group` the ID of the user's group. `checkout` is the name of the folder, from which
    Docker Compose takes its project's name.
    """

    def __init__(self, project: Project, folder: Path, number: int, checkout: str) -> None:
        self.number, self.checkout, self.home = number, folder / checkout, folder / "home"
        self.group = 4321 if number else 0  # a group with another number than the user
        self.home.mkdir()
        for file in list_sources(project.root):
            (self.checkout / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(project.root / file, self.checkout / file)
        commit(self.checkout)
        subprocess.run(["chown", "-R", f"{number}:{self.group}", folder], check=True)
        folder.chmod(0o755)
        self._users = folder / "passwd"
        self._users.write_text(f"{Path('/etc/passwd').read_text()}someone:x:1234:4321::{self.home}:/bin/sh\n")
        self._sockets = Path("/var/run/docker.sock").stat().st_gid

    def run(self, *command: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LOCKENV_")}
        become = ["setpriv", f"--reuid={self.number}", f"--regid={self.group}", f"--groups={self._sockets}"]
        own = {"HOME": str(self.home), "TMPDIR": str(self.home), "USER": "someone" if self.number else "root"}
        seen = 'mount --bind "$0" /etc/passwd && exec "$@"'  # `devcontainer` looks up its user's name
        return subprocess.run(
            ["unshare", "--mount", "sh", "-c", seen, self._users, *become, *command],
            cwd=self.checkout,
            env=kept | own | environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=560,
        )


@contextmanager
def up(project: Project, engine: Engine, number: int, checkout: str) -> Iterator[Person]:
    """Run the devcontainer of a user during the block. `number` is the user's ID, `checkout` the name of the folder."""
    if os.geteuid() != 0:
        pytest.skip("only root can run the devcontainer as another user; run as root")
    with TemporaryDirectory(prefix="person-") as name:  # other users cannot read pytest's folder
        person = Person(project, Path(name), number, checkout)
        done = person.run("scripts/devcontainer", "up")
        assert done.returncode == 0, done.stderr
        said = [line for line in done.stderr.splitlines() if line.startswith("scripts/devcontainer: ")]
        remarks = devcontainer.settings(engine, project, "v0.4").remarks
        assert said == [f"scripts/devcontainer: {remark}" for remark in remarks]
        yield person
        person.run("scripts/devcontainer", "down")


@pytest.fixture(scope="module")
def person(engine: Engine, project: Project) -> Iterator[Person]:
    with up(project, engine, 1234, "checkout") as person:
        yield person


@pytest.mark.slow
@pytest.mark.docker
@pytest.mark.network
@pytest.mark.timeout(600)
def test_root_can_write_to_a_checkout_of_root(engine: Engine, project: Project) -> None:
    with up(project, engine, 0, "checkout-of-roots") as root:
        assert root.run("scripts/devcontainer", "exec", "touch", "made-inside").returncode == 0
        assert root.run("scripts/devcontainer", "exec", "id", "-u").stdout == "0\n"
        assert (root.checkout / "made-inside").stat().st_uid == 0


@pytest.mark.slow
@pytest.mark.docker
@pytest.mark.network
@pytest.mark.timeout(600)
class TestUp:
    """Tests in the running devcontainer of a user who is not root."""

    def test_a_second_up_is_fast(self, person: Person) -> None:
        container = person.run("scripts/devcontainer", "exec", "hostname").stdout
        with less_cpu_time_than(5):
            assert person.run("scripts/devcontainer", "up").returncode == 0
        assert person.run("scripts/devcontainer", "exec", "hostname").stdout == container

    def test_a_ping_passes_in_the_devcontainer(self, person: Person) -> None:
        done = person.run("scripts/devcontainer", "exec", "scripts/ping")
        assert (done.returncode, list(yaml.safe_load(done.stdout))) == (0, ["latency"]), done.stderr

    def test_the_devcontainer_has_its_own_redis(self, person: Person) -> None:
        done = person.run("scripts/devcontainer", "exec", "redis-cli", "-u", "redis://redis:6379", "ping")
        assert (done.returncode, done.stdout) == (0, "PONG\n")

    def test_files_belong_to_the_owner_and_the_group_of_the_checkout(self, person: Person) -> None:
        assert person.run("scripts/devcontainer", "exec", "touch", "made-inside").returncode == 0
        made = (person.checkout / "made-inside").stat()
        assert (made.st_uid, made.st_gid) == (1234, 4321)
        assert person.run("scripts/devcontainer", "exec", "git", "status", "--short").returncode == 0

    def test_the_environments_are_ready_without_a_network(self, person: Person) -> None:
        """The environments of the track, its tests and the tools exist, all outside of the checkout."""
        nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:1/", "UV_DEFAULT_INDEX": "http://127.0.0.1:1/"}
        settings = [f"{name}={value}" for name, value in nowhere.items()]
        for what in (["track", "v0.4"], ["tools"], ["test", "v0.4"]):
            done = person.run(
                *("scripts/devcontainer", "exec", "env", *settings, "dev/command/python", "-m", "dev.lockenv", *what)
            )
            assert done.stdout.startswith("/home/dev/environments/.venv-"), done.stderr
        assert list(person.checkout.glob(".venv-v*")) == []

    def test_a_unit_test_passes_in_the_devcontainer(self, person: Person) -> None:
        done = person.run(
            *("scripts/devcontainer", "exec", "/home/dev/environments/.venv-test-v0.4/bin/python", "-m", "pytest"),
            *("-q", "-p", "no:cacheprovider", "tests/pingtest/test_settings.py", "tests/dev/lockenv/test_project.py"),
        )
        assert done.returncode == 0, done.stdout

    def test_envparity_finds_the_devcontainer_equal_from_outside(self, person: Person) -> None:
        done = person.run("scripts/parity", "venv", "devcontainer", "--format", "json")
        assert done.returncode == 0, done.stderr + done.stdout[-2000:]
        assert [door["name"] for door in json.loads(done.stdout)["doors"]] == ["venv", "devcontainer"]

    def test_an_altered_byte_is_found(self, person: Person) -> None:
        core = "/home/dev/environments/.venv-v0.4/lib/python3.11/site-packages/multiaddr/multiaddr.py"
        person.run("scripts/devcontainer", "exec", "sed", "-i", "1s/^/# altered\\n/", core)
        try:
            done = person.run("scripts/parity", "venv", "devcontainer", "--format", "json")
        finally:
            person.run("scripts/devcontainer", "exec", "sed", "-i", "1d", core)
        findings = [one for one in json.loads(done.stdout)["findings"] if one["severity"] == "error"]
        assert done.returncode == 1
        assert {path for one in findings for path in one["paths"]} >= {"site/multiaddr/multiaddr.py"}
        assert ["devcontainer"] in [one["doors"] for one in findings]
