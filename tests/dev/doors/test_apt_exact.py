"""Tests of two shell scripts of the image build, `apt-exact` and `locked`.

`apt-exact` installs Debian packages in exactly the given versions, or installs nothing. `locked` makes the environment
of a lock file.
"""

import os
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from debian_archive import write_archive
from programs import put

from dev.doors.engine import Container, Engine
from dev.lockenv.project import Project

OFFERS = {"gcc": ["4:12.2.0-3"], "git": ["1:2.39.5-0+deb12u3", "1:2.39.2-1.1", "1:2.39.2-1.1"], "cmake": ["3.25.1-1"]}


WITHIN = "dev/doors/within"


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """Make a fake apt, which records its arguments, and a fake `rm`, which removes no file; return their folder."""
    folder = tmp_path / "bin"
    cases = "".join(
        f"{name}) printf ' {name} | %s | http://mirror bookworm/main amd64 Packages\\n' {' '.join(versions)} ;;\n"
        for name, versions in OFFERS.items()
    )
    put(folder, "apt-cache", f'test "$1" = madison\ncase "$2" in\n{cases}esac')
    put(folder, "apt-get", f'echo "${{DEBIAN_FRONTEND-}} $*" >> {tmp_path}/asked; test "$1" = update || echo progress')
    put(folder, "rm", f'echo "rm $*" >> {tmp_path}/asked')
    return folder


def apt_exact(project: Project, mirror: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", project.root / WITHIN / "apt-exact", *words],
        env={"PATH": f"{mirror}:/usr/bin:/bin"},
        cwd=mirror,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def asked(mirror: Path) -> list[str]:
    return (mirror.parent / "asked").read_text().splitlines()


def test_exactly_the_given_versions_are_installed(project: Project, mirror: Path) -> None:
    done = apt_exact(project, mirror, "gcc=4:12.2.0-3", "git=1:2.39.2-1.1")
    assert (done.returncode, done.stderr) == (0, "")
    assert asked(mirror) == [
        "rm -f /etc/apt/apt.conf.d/docker-clean",
        " update -qq",
        "noninteractive install -y -qq --no-install-recommends gcc=4:12.2.0-3 git=1:2.39.2-1.1",
    ]


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("gcc=4:12.2.0-4", "gcc: expected version 4:12.2.0-4 (locks/toolchain.toml), found 4:12.2.0-3 on the mirror"),
        ("gcc=4:12.2.0", "gcc: expected version 4:12.2.0 (locks/toolchain.toml), found 4:12.2.0-3 on the mirror"),
        ("gcc=4:12x2.0-3", "gcc: expected version 4:12x2.0-3 (locks/toolchain.toml), found 4:12.2.0-3 on the mirror"),
        ("gcc=4:12.2.0.3", "gcc: expected version 4:12.2.0.3 (locks/toolchain.toml), found 4:12.2.0-3 on the mirror"),
        (
            "git=1",
            "git: expected version 1 (locks/toolchain.toml), found 1:2.39.2-1.1 1:2.39.5-0+deb12u3 on the mirror",
        ),
        ("none=1", "none: expected version 1 (locks/toolchain.toml), found none on the mirror"),
    ],
)
def test_a_version_that_the_mirror_does_not_offer_is_one_line(
    project: Project, mirror: Path, word: str, says: str
) -> None:
    done = apt_exact(project, mirror, "cmake=3.25.1-1", word)
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr == f"apt: {says}; move the pin with: scripts/lock --upgrade toolchain\n"
    assert all("install" not in line for line in asked(mirror))


def test_every_missing_version_is_reported(project: Project, mirror: Path) -> None:
    done = apt_exact(project, mirror, "gcc=1", "cmake=3.25.1-1", "git=2")
    assert done.returncode != 0
    assert [line.split(":")[1] for line in done.stderr.splitlines()] == [" gcc", " git"]
    assert all("install" not in line for line in asked(mirror))


def test_packages_after_an_existing_file_are_installed(project: Project, mirror: Path) -> None:
    assert apt_exact(project, mirror, "gcc=4:12.2.0-3", f"?{mirror}/apt-get", "cmake=3.25.1-1").returncode == 0
    assert asked(mirror)[-1].endswith(" gcc=4:12.2.0-3 cmake=3.25.1-1")


@pytest.mark.parametrize("path", ["/nowhere", "with space", "*"])
def test_packages_after_a_missing_file_are_skipped(project: Project, mirror: Path, path: str) -> None:
    """The mirror does not have to offer the skipped packages."""
    done = apt_exact(project, mirror, "gcc=4:12.2.0-3", f"?{path}", "cmake=3.25.1-1", "none=1")
    assert (done.returncode, done.stderr) == (0, "")
    assert asked(mirror)[-1].endswith("--no-install-recommends gcc=4:12.2.0-3")


@pytest.mark.parametrize("command", ["update", "install"])
def test_an_error_of_apt_is_passed_on(project: Project, mirror: Path, command: str) -> None:
    put(
        mirror,
        "apt-get",
        f'echo "$1" >> {mirror.parent}/asked; test "$1" != {command} || '
        "{ echo 'E: You do not have enough free space' >&2; exit 100; }",
    )
    done = apt_exact(project, mirror, "gcc=4:12.2.0-3")
    assert (done.returncode, done.stdout, done.stderr) == (100, "", "E: You do not have enough free space\n")
    assert asked(mirror)[-1] == command


# A real apt, in a container, with a mirror and a dated archive on loopback. The mirror has moved on: it has version 2.0
# of the package `pinned`, and the archive has 1.0.

INSTANT = "20261128T000000Z"
AT_THE_INSTANT = "Fri, 27 Nov 2026 10:00:00 UTC"
LATER = "Sat, 28 Nov 2026 10:00:00 UTC"
ONE_LINE = "# {site}/archive/debian/20250520T000000Z\ndeb [trusted=yes] {site}/debian bookworm main\n"
STANZA = """\
Types: deb
# {site}/archive/debian/20250520T000000Z
URIs: {site}/debian
Suites: bookworm
Components: main
Trusted: yes
"""
MAKE = """
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/*
cp /given/sources.list /etc/apt/ 2>/dev/null || cp /given/debian.sources /etc/apt/sources.list.d/
sh /run/apt-exact pinned=1.0 || exit $?
cat /usr/share/pinned
ls /tmp
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """Serve the folder `site` on loopback; return its address."""
    (tmp_path / "site").mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path / "site"))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def in_container(
    engine: Engine, base: str, project: Project, tmp_path: Path, sources: tuple[str, str]
) -> subprocess.CompletedProcess[str]:
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / sources[0]).write_text(sources[1])
    made = Container(
        base,
        ("-c", MAKE),
        entrypoint="sh",
        user="0",
        network="host",
        mounts=[f"{project.root}/{WITHIN}/apt-exact:/run/apt-exact:ro", f"{tmp_path}/given:/given:ro"],
        environment={"DEBIAN_SNAPSHOT": INSTANT},
    )
    return subprocess.run(engine.command(made), capture_output=True, text=True, check=False, timeout=100)


@pytest.mark.docker
@pytest.mark.parametrize(("name", "text"), [("sources.list", ONE_LINE), ("debian.sources", STANZA)])
def test_a_version_that_the_mirror_dropped_comes_from_the_archive(
    engine: Engine, base: str, project: Project, tmp_path: Path, site: str, name: str, text: str
) -> None:
    write_archive(tmp_path / "site" / "debian", "2.0", LATER)
    write_archive(tmp_path / "site" / "archive" / "debian" / INSTANT, "1.0", AT_THE_INSTANT)
    done = in_container(engine, base, project, tmp_path, (name, text.format(site=site)))
    assert (done.returncode, done.stderr) == (0, "")
    said = f"apt: the mirror no longer has every version, so all are from the archive of {INSTANT}"
    assert done.stdout.splitlines() == [said, "1.0"]


@pytest.mark.docker
def test_the_mirror_is_asked_first(engine: Engine, base: str, project: Project, tmp_path: Path, site: str) -> None:
    write_archive(tmp_path / "site" / "debian", "1.0", LATER)
    done = in_container(engine, base, project, tmp_path, ("sources.list", ONE_LINE.format(site=site)))
    assert (done.returncode, done.stdout, done.stderr) == (0, "1.0\n", "")


@pytest.mark.docker
def test_a_suite_that_the_mirror_dropped_comes_from_the_archive(
    engine: Engine, base: str, project: Project, tmp_path: Path, site: str
) -> None:
    write_archive(tmp_path / "site" / "archive" / "debian" / INSTANT, "1.0", AT_THE_INSTANT)
    done = in_container(engine, base, project, tmp_path, ("sources.list", ONE_LINE.format(site=site)))
    assert (done.returncode, done.stdout.splitlines()[-1], done.stderr) == (0, "1.0", "")


@pytest.mark.docker
@pytest.mark.parametrize(
    ("version", "date", "says"),
    [
        ("1.0", LATER, f"lists of another moment than {INSTANT} from the dated archive: 20261128T100000Z"),
        ("3.0", AT_THE_INSTANT, f"none in the archive of {INSTANT}"),
        (None, "", f"no answer from the archive of {INSTANT}"),
    ],
)
def test_a_wrong_answer_of_the_archive_is_one_line(
    engine: Engine, base: str, project: Project, tmp_path: Path, site: str, version: str | None, date: str, says: str
) -> None:
    write_archive(tmp_path / "site" / "debian", "2.0", LATER)
    if version is not None:
        write_archive(tmp_path / "site" / "archive" / "debian" / INSTANT, version, date)
    done = in_container(engine, base, project, tmp_path, ("sources.list", ONE_LINE.format(site=site)))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"apt: pinned: expected version 1.0 (locks/toolchain.toml), found 2.0 on the mirror, and {says}; move the pin "
        "with: scripts/lock --upgrade toolchain\n"
    )


# The script `locked` writes to /staged and reads /run/secrets, so these tests run it in a container. LOCKENV replaces
# the program that makes the environment, and records its environment variables.

LOCKENV = """
test "$*" = "-m dev.lockenv track v0.4" || exit 7
mkdir -p .venv-v0.4/bin
ln -s /usr/bin/true .venv-v0.4/bin/python
touch .venv-v0.4/bin/tool .venv-v0.4/data
chmod 700 .venv-v0.4/bin/tool
env > .venv-v0.4/environ
echo "$PWD/.venv-v0.4/bin/python"
"""
TELL = """
cp -r /given /app
cd /app
umask 077
sh /run/locked v0.4 || exit $?
test ! -e /app/.venv-v0.4 || exit 8
cd /staged
find . | sort | xargs stat -c '%n %a %Y'
echo
cat app/.venv-v0.4/environ
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Make the folder that the container has as /app; return its path."""
    folder = tmp_path / "app"
    folder.mkdir()
    put(folder / "dev" / "command", "python", LOCKENV)
    return folder


def locked(engine: Engine, base: str, project: Project, app: Path, *options: str) -> subprocess.CompletedProcess[str]:
    mounts = [f"{project.root}/{WITHIN}/{name}:/run/{name}:ro" for name in ("locked", "registries")]
    epoch = {"SOURCE_DATE_EPOCH": "1762370100"}
    made = Container(
        base,
        ("-c", TELL),
        entrypoint="sh",
        network="none",
        mounts=[*mounts, f"{app}:/given:ro"],
        environment=epoch,
        options=options,
    )
    return subprocess.run(engine.command(made), capture_output=True, text=True, check=False, timeout=60)


def told(done: subprocess.CompletedProcess[str]) -> tuple[list[str], dict[str, str]]:
    assert (done.returncode, done.stderr) == (0, "")
    files, _, environ = done.stdout.partition("\n\n")
    return files.splitlines(), dict(line.split("=", 1) for line in environ.splitlines())


@pytest.mark.docker
def test_every_staged_file_has_the_same_time_and_plain_modes(
    engine: Engine, base: str, project: Project, app: Path
) -> None:
    files, environ = told(locked(engine, base, project, app, "--env=LIBP2P_SOURCE="))
    assert files == [
        ". 755 1762370100",
        "./app 755 1762370100",
        "./app/.venv-v0.4 755 1762370100",
        "./app/.venv-v0.4/bin 755 1762370100",
        "./app/.venv-v0.4/bin/python 777 1762370100",
        "./app/.venv-v0.4/bin/tool 755 1762370100",
        "./app/.venv-v0.4/data 644 1762370100",
        "./app/.venv-v0.4/environ 644 1762370100",
    ]
    assert environ["UV_CACHE_DIR"] == "/var/cache/uv"
    assert not {"LIBP2P_SOURCE", "PIP_CERT", "SSL_CERT_FILE", "GIT_SSL_CAINFO"} & {*environ}


@pytest.mark.docker
def test_the_secrets_reach_the_installer(
    engine: Engine, base: str, project: Project, app: Path, tmp_path: Path
) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "registries").write_text("export PIP_INDEX_URL='https://me:it is@example.org'\n")
    (tmp_path / "secrets" / "ca").write_text("certificates\n")
    _, environ = told(locked(engine, base, project, app, "--volume", f"{tmp_path}/secrets:/run/secrets:ro"))
    assert environ["PIP_INDEX_URL"] == "https://me:it is@example.org"
    assert {environ[name] for name in ("SSL_CERT_FILE", "PIP_CERT", "GIT_SSL_CAINFO")} == {"/run/secrets/ca"}


@pytest.mark.docker
def test_the_library_can_be_a_commit_or_a_checkout(
    engine: Engine, base: str, project: Project, app: Path, tmp_path: Path
) -> None:
    commit = f"git+https://example.org/x@{'a' * 40}"
    _, environ = told(locked(engine, base, project, app, f"--env=LIBP2P_SOURCE={commit}"))
    assert environ["LIBP2P_SOURCE"] == commit
    (tmp_path / "libp2p").mkdir()
    (tmp_path / "libp2p" / "pyproject.toml").touch()
    _, environ = told(locked(engine, base, project, app, "--volume", f"{tmp_path}/libp2p:/run/libp2p:ro"))
    assert environ["LIBP2P_SOURCE"] == "/tmp/libp2p"  # noqa: S108 - a path in the container


@pytest.mark.docker
def test_an_error_of_lockenv_is_passed_on(engine: Engine, base: str, project: Project, app: Path) -> None:
    put(app / "dev" / "command", "python", "echo 'lockenv: no space left on device' >&2; exit 1")
    done = locked(engine, base, project, app)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "lockenv: no space left on device\n")


def test_the_build_runs_the_scripts_with_sh(project: Project) -> None:
    """With `sh`, the build works even if the scripts have lost their executable modes."""
    text = (project.root / "Dockerfile").read_text()
    assert text.count("sh /run/apt-exact ") == 3
    assert text.count('sh /run/locked "${TRACK}"') == 1
    assert all(os.access(project.root / WITHIN / name, os.R_OK) for name in ("apt-exact", "locked"))


def test_the_reason_why_dpkg_failed_is_reported(project: Project, mirror: Path) -> None:
    """dpkg prints the reason to standard output, between lines about its progress, which must not be shown."""
    put(mirror, "apt-get", 'test "$1" = update || { echo Unpacking; echo "tar: No space left on device"; exit 100; }')
    done = apt_exact(project, mirror, "gcc=4:12.2.0-3")
    assert (done.returncode, done.stdout, done.stderr) == (100, "", "tar: No space left on device\n")
