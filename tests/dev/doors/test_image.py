"""Tests of building the image of a track, a pinned version of libp2p such as v0.4.

The plan of a build has its arguments. A failed build is an error of one line and keeps the old image.
"""

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from programs import asked, line_of, recorded

from dev.doors.bases import pinned_base
from dev.doors.engine import Engine
from dev.doors.image import ImagePlan, build, make_plan, tag_of, tracks_of
from dev.doors.offline.images import python_image
from dev.doors.pins import snapshot
from dev.lockenv.project import Project, read_project

PYTHON = python_image("3.11")

COMMIT = "30c6686026d8f9bbb9d32768b477b9e243eaf4c7"
GIT = f"git+https://example.org/py-libp2p.git@{'a' * 40}"


@pytest.fixture(autouse=True)
def _nothing_set(no_settings: None) -> None:
    """Remove the settings of the person who runs the tests, so that only the settings of a test are set."""


@pytest.fixture
def copy(project: Project, tmp_path: Path) -> Path:
    """Copy the files that `make_plan` reads, so that a test can change them; return the path of the copy."""
    root = tmp_path / "copy"
    (root / "locks").mkdir(parents=True)
    locks = (f"locks/{name}" for name in ("toolchain.toml", "v0.4.txt", "v0.4-git.txt", "v0.8.txt"))
    for name in ("pyproject.toml", "Dockerfile", *locks):
        shutil.copy(project.root / name, root / name)
    return root


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new))


def fake(folder: Path, body: str) -> Engine:
    """Return an engine whose docker runs the shell code `body` and records its arguments in `folder`."""
    return Engine(str(recorded(folder, "docker", body)))


# Tests of the plan of a build.


def test_a_stand_in_needs_no_step_that_removes_pip(project: Project) -> None:
    assert make_plan(project, "v0.4", PYTHON.tag).arguments["RUNTIME_BASE"] == "base"
    assert make_plan(project, "v0.4", pinned_base(project)).arguments["RUNTIME_BASE"] == "bare"


@pytest.mark.parametrize(("track", "version"), [("v0.4", "0.4.0"), ("v0.8", "0.8.1")])
def test_a_track_with_a_release_builds_from_its_lock(project: Project, track: str, version: str) -> None:
    plan = make_plan(project, track, "base:1")
    assert (plan.tag, plan.track, plan.target, plan.contexts) == (f"py-libp2p-ping-test:{track}", track, "runtime", {})
    packages = {name: value for name, value in plan.arguments.items() if name.endswith("_PACKAGES")}
    assert {name: value for name, value in plan.arguments.items() if name not in packages} == {
        "PYTHON": project.pythons[track],
        "BASE_IMAGE": "base:1",
        "RUNTIME_BASE": "bare",
        "TRACK": track,
        "LOCK": track,
        "SOURCE_DATE_EPOCH": "1762370100",
        "LIBRARY": "locked",
        "LIBRARY_VERSION": version,
        "DEBIAN_SNAPSHOT": snapshot(project),
    }
    assert list(packages) == ["COMPILER_PACKAGES", "PYTHON_PACKAGES", "TOOLCHAIN_PACKAGES", "DEV_PACKAGES"]
    for words in packages.values():
        assert all(re.fullmatch(r"[a-z0-9.+-]+=\S+", word) for word in words.split())
    assert packages["COMPILER_PACKAGES"].startswith("gcc=4:")


def test_a_track_with_a_commit_builds_from_git(project: Project) -> None:
    plan = make_plan(project, "v0.4-git", "base:1")
    assert plan.tag == "py-libp2p-ping-test:v0.4-git"
    assert (plan.arguments["LIBRARY"], plan.arguments["LIBRARY_VERSION"]) == ("git", COMMIT)
    assert "LIBP2P_SOURCE" not in plan.arguments
    assert plan.contexts == {}


def test_the_arguments_are_those_of_the_dockerfile(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIBP2P_SOURCE", GIT)
    declared = re.findall(r"(?m)^ARG (\w+)", (project.root / "Dockerfile").read_text())
    assert {*make_plan(project, "v0.4", "base:1").arguments, "CACHES"} == {*declared}


@pytest.mark.parametrize("track", ["v0.4", "v0.4-git"])
def test_another_commit_can_be_swapped_in(project: Project, monkeypatch: pytest.MonkeyPatch, track: str) -> None:
    monkeypatch.setenv("LIBP2P_SOURCE", GIT)
    plan = make_plan(project, track, "base:1")
    assert plan.tag == f"py-libp2p-ping-test:{track}-swapped"
    assert (plan.arguments["LIBRARY"], plan.arguments["LIBP2P_SOURCE"]) == ("git", GIT)
    assert plan.arguments["LIBRARY_VERSION"] == "swapped"
    assert plan.contexts == {}


@pytest.mark.parametrize("track", ["v0.8", "v0.4-git"])
def test_a_checkout_can_be_swapped_in(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, track: str
) -> None:
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setenv("HOME", str(tmp_path.parent))
    for value in (str(tmp_path), f"{tmp_path}/../{tmp_path.name}", f"~/{tmp_path.name}"):
        monkeypatch.setenv("LIBP2P_SOURCE", value)
        plan = make_plan(project, track, "base:1", "dev")
        assert plan.tag == f"py-libp2p-ping-test:{track}-dev-swapped"
        assert (plan.arguments["LIBRARY"], plan.contexts) == ("context", {"libp2p": tmp_path.resolve()})
        assert "LIBP2P_SOURCE" not in plan.arguments


@pytest.mark.parametrize("value", ["git+https://example.org/x@main", "/nowhere", "0.8.1"])
def test_an_invalid_library_is_one_line(project: Project, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("LIBP2P_SOURCE", value)
    assert re.match("LIBP2P_SOURCE: expected .*, found ", line_of(lambda: make_plan(project, "v0.8", "base:1")))


def test_the_target_is_in_the_tag(project: Project) -> None:
    assert make_plan(project, "v0.8", "base:1", "dev").tag == "py-libp2p-ping-test:v0.8-dev"
    assert tag_of("v0.8") == "py-libp2p-ping-test:v0.8"


def test_without_names_both_tracks_are_built(project: Project) -> None:
    assert tracks_of(project, []) == ["v0.4", "v0.8"]
    assert tracks_of(project, ["v0.4-git"]) == ["v0.4-git"]


def test_an_unknown_track_is_one_line(project: Project) -> None:
    assert "expected one of v0.4, v0.4-git, v0.8" in line_of(lambda: make_plan(project, "v1", "base:1"))


def test_a_lock_of_other_requirements_is_one_line(copy: Path) -> None:
    change(copy / "pyproject.toml", "libp2p==0.4.0", "libp2p==0.4.1")
    assert line_of(lambda: make_plan(read_project(copy), "v0.4", "base:1")) == (
        "locks/v0.4.txt: expected a lock made from the group v0.4 of pyproject.toml, found a lock of other "
        "requirements; make it again with: scripts/lock"
    )


def test_a_missing_lock_is_one_line(copy: Path) -> None:
    (copy / "locks" / "v0.8.txt").unlink()
    said = line_of(lambda: make_plan(read_project(copy), "v0.8", "base:1"))
    assert "locks/v0.8.txt: expected a hash lock, found" in said
    assert "scripts/lock" in said


@pytest.mark.parametrize("group", ["compiler", "python", "toolchain", "dev"])
def test_a_missing_table_of_packages_is_one_line(copy: Path, group: str) -> None:
    path = copy / "locks" / "toolchain.toml"
    change(path, f"[debian.{group}]", f"[other.{group}]")
    said = line_of(lambda: make_plan(read_project(copy), "v0.4", "base:1"))
    assert said == f"{path}: expected the table [debian.{group}], found none; restore it from git"


# Tests of the build.


def small(root: Path, dockerfile: str, **more: str) -> ImagePlan:
    """Write `dockerfile` into `root`; return a plan that builds it under a new tag with the arguments `more`."""
    root.mkdir(exist_ok=True)
    (root / "Dockerfile").write_text(dockerfile)
    return ImagePlan(f"py-libp2p-ping-test-tests/image:{secrets.token_hex(4)}", "v0.4", "runtime", more, {})


def test_docker_gets_the_arguments_and_secrets_of_the_plan(
    project: Project, tmp_path: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    monkeypatch.setenv("PIP_INDEX_URL", "https://example.org")
    engine = fake(tmp_path, 'case "$1" in image) echo sha256:1 ;; esac')
    plan = replace(small(tmp_path / "root", "", TRACK="v0.4"), contexts={"libp2p": Path("/some where")})
    assert build(engine, replace(project, root=tmp_path / "root"), plan) == "sha256:1"
    command, inspect = asked(tmp_path)
    found = re.fullmatch(
        rf"buildx build --load --provenance=false --tag {plan.tag} --target runtime --build-arg TRACK=v0\.4 "
        rf"--build-context libp2p=/some where --secret id=ca,src={bundle} "
        rf"--secret id=registries,src=(\S+)/registries {tmp_path}/root",
        command,
    )
    assert found
    assert not Path(found[1]).exists()
    assert inspect == f"image inspect --format {{{{.Id}}}} {plan.tag}"


@pytest.mark.docker
def test_a_certificate_file_in_a_folder_with_a_comma_works(
    engine: Engine, project: Project, tmp_path: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a,b"
    folder.mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(shutil.copy(bundle, str(folder))))
    plan = small(tmp_path / "root", "FROM scratch AS runtime\nCOPY missing /\n")
    said = line_of(lambda: build(engine, replace(project, root=tmp_path / "root"), plan))
    assert "must be a key=value pair" not in said


def test_a_fresh_build_deletes_only_its_own_caches(project: Project, tmp_path: Path) -> None:
    """The build deletes its caches even if it fails."""
    plan = small(tmp_path / "root", "")
    for status in (0, 1):
        (tmp_path / "asked").unlink(missing_ok=True)
        engine = fake(
            tmp_path,
            'case "$1 $2" in\n'
            f'"buildx build") for one in "$@"; do case $one in CACHES=*) echo "${{one#*=}}" > {tmp_path}/own ;; '
            f"esac; done; echo 'ERROR: failed' >&2; exit {status} ;;\n"
            f'"buildx du") printf "ID:\\t\\town1\\nDescription:\\tcached mount with id \\"/$(cat {tmp_path}/own)-uv\\"'
            '\\n\\nID:\\t\\tother\\nDescription:\\tmount with id \\"/fresh-1-abc-uv\\"\\n\\n'
            f'ID:\\t\\town2\\nDescription:\\tmount with id \\"/$(cat {tmp_path}/own)-apt-lists\\"\\n\\n'
            'Total:\\t1GB\\n" ;;\n"image inspect") echo sha256:1 ;;\nesac',
        )
        root = replace(project, root=tmp_path / "root")
        if status:
            said = line_of(lambda: build(engine, root, plan, fresh=True))  # noqa: B023 - it is called in this iteration
            assert said == f"building {plan.tag}: ERROR: failed"
        else:
            assert build(engine, root, plan, fresh=True) == "sha256:1"
        assert "--no-cache" in asked(tmp_path)[0].split()
        assert [line for line in asked(tmp_path) if "prune" in line] == [
            f"buildx prune --force --all --filter id=own{number}" for number in (1, 2)
        ]


def test_two_fresh_builds_share_no_caches(project: Project, tmp_path: Path) -> None:
    engine = fake(tmp_path, 'case "$1" in image) echo sha256:1 ;; esac')
    plan = small(tmp_path / "root", "")
    for _ in range(2):
        build(engine, replace(project, root=tmp_path / "root"), plan, fresh=True)
    assert len({*re.findall(r"CACHES=\S+", (tmp_path / "asked").read_text())}) == 2


def test_the_error_of_a_build_is_kept_if_deleting_its_caches_fails(project: Project, tmp_path: Path) -> None:
    engine = fake(tmp_path, 'test "$2" = build || exit 1; echo "ERROR: no space left on device" >&2; exit 1')
    plan = small(tmp_path / "root", "")
    said = line_of(lambda: build(engine, replace(project, root=tmp_path / "root"), plan, fresh=True))
    assert "no space left on device" in said


@pytest.mark.parametrize(
    "complaint",
    [
        "ERROR: failed to solve: write /var/lib/docker/overlay2/x: no space left on device",
        "apt: gcc: expected version 1 (locks/toolchain.toml), found 2 on the mirror",
    ],
)
def test_a_failed_build_is_one_line(project: Project, tmp_path: Path, complaint: str) -> None:
    engine = fake(tmp_path, f"echo '{complaint}' >&2; exit 1")
    plan = small(tmp_path / "root", "")
    said = line_of(lambda: build(engine, replace(project, root=tmp_path / "root"), plan))
    assert said == f"building {plan.tag}: {complaint}"
    assert len(asked(tmp_path)) == 1  # Docker was called once, so no image was deleted or tagged.


def test_a_build_without_an_image_is_an_error(project: Project, tmp_path: Path) -> None:
    plan = small(tmp_path / "root", "")
    engine = fake(tmp_path, 'test "$1" != image')
    said = line_of(lambda: build(engine, replace(project, root=tmp_path / "root"), plan))
    assert said == f"building {plan.tag}: expected an image after the build, found no image of that name"


@pytest.fixture
def made(engine: Engine, tmp_path: Path) -> Iterator[Callable[[str, Mapping[str, str]], ImagePlan]]:
    """Yield a function that plans the build of a Dockerfile with arguments; delete the images after the test."""
    plans: list[ImagePlan] = []

    def make(dockerfile: str, arguments: Mapping[str, str]) -> ImagePlan:
        plans.append(small(tmp_path / "root", dockerfile, **arguments))
        return plans[-1]

    yield make
    for plan in plans:
        engine.remove("image", plan.tag)


@pytest.mark.docker
def test_a_failed_build_keeps_the_old_image(
    engine: Engine, project: Project, tmp_path: Path, made: Callable[[str, Mapping[str, str]], ImagePlan]
) -> None:
    root = replace(project, root=tmp_path / "root")
    plan = made("FROM scratch AS runtime\nCOPY Dockerfile /\n", {"SOURCE_DATE_EPOCH": "1762370100"})
    before = build(engine, root, plan)
    assert before == engine.image(plan.tag)
    (root.root / "Dockerfile").write_text("FROM scratch AS runtime\nCOPY Dockerfile missing /\n")
    said = line_of(lambda: build(engine, root, plan))
    assert said.startswith(f"building {plan.tag}: ")
    assert "missing" in said
    assert engine.image(plan.tag) == before


@pytest.mark.docker
def test_a_second_build_makes_the_same_image(
    engine: Engine, project: Project, tmp_path: Path, made: Callable[[str, Mapping[str, str]], ImagePlan]
) -> None:
    root = replace(project, root=tmp_path / "root")
    text = f"FROM scratch AS runtime\nLABEL test={secrets.token_hex(4)}\nCOPY Dockerfile /\n"
    first, second = (made(text, {"SOURCE_DATE_EPOCH": "1762370100"}) for _ in range(2))
    os.utime(root.root / "Dockerfile", (0, 0))
    assert build(engine, root, first) == build(engine, root, second)
