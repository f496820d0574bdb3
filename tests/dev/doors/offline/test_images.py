"""Tests of the stand-ins for the pinned images of Python and Redis.

A stand-in is an image that this machine makes from Debian's packages when it cannot pull the pinned image. The packages
come from the Debian 12 mirror that apt uses on this machine.
"""

import io
import os
import secrets
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from programs import line_of, put

from dev.command.errors import CommandError
from dev.doors.engine import Engine
from dev.doors.offline import images as module
from dev.doors.offline.images import REDIS, StandIn, make_image, python_image
from dev.lockenv.project import Project

PYTHON = python_image("3.11")


def tiny_layer(path: Path, content: bytes = b"one\n") -> Path:
    """Write an image layer with one file to `path`, as a tar archive; return `path`."""
    path.parent.mkdir(exist_ok=True)
    with tarfile.open(path, "w") as layer:
        facts = tarfile.TarInfo("file")
        facts.size = len(content)
        layer.addfile(facts, io.BytesIO(content))
    return path


@pytest.fixture
def tiny(engine: Engine) -> Iterator[StandIn]:
    """Yield a stand-in without packages; its image is deleted after the test."""
    made = replace(REDIS, tag=f"py-libp2p-ping-test-tests/base:{secrets.token_hex(4)}", packages=())
    yield made
    engine.remove("image", made.tag)


@pytest.mark.docker
def test_the_same_layer_makes_the_same_image(engine: Engine, tiny: StandIn, tmp_path: Path) -> None:
    first = module._load(engine, tiny, tiny_layer(tmp_path / "one" / "layer.tar"))
    engine.remove("image", tiny.tag)
    again = tiny_layer(tmp_path / "two" / "layer.tar")
    os.utime(again, (0, 0))
    again.chmod(0o600)
    assert module._load(engine, tiny, again) == first == engine.image(tiny.tag)
    assert first.startswith("sha256:")


@pytest.mark.docker
def test_another_layer_makes_another_image(engine: Engine, tiny: StandIn, tmp_path: Path) -> None:
    first = module._load(engine, tiny, tiny_layer(tmp_path / "one" / "layer.tar"))
    second = module._load(engine, tiny, tiny_layer(tmp_path / "two" / "layer.tar", b"two\n"))
    assert first != second == engine.image(tiny.tag)
    engine.remove("image", first)


@pytest.mark.docker
def test_the_image_has_the_settings_of_its_stand_in(engine: Engine, tiny: StandIn, tmp_path: Path) -> None:
    module._load(engine, tiny, tiny_layer(tmp_path / "one" / "layer.tar"))
    said = engine.inspect(tiny.tag)
    assert said["RepoTags"] == [tiny.tag]
    assert said["Created"] == "2025-11-05T19:15:00Z"
    assert said["Config"]["Labels"] == {"org.py-libp2p-ping-test.stand-in": tiny.tag}
    assert said["Config"]["Entrypoint"] == ["redis-server", "--protected-mode", "no"]
    assert said["Config"]["User"] == "redis"
    assert len(said["RootFS"]["Layers"]) == 1
    machine = engine.ask("version", "--format", "{{.Server.Arch}}", purpose="testing")
    assert said["Architecture"] == machine


def test_a_layer_that_cannot_be_loaded_is_one_line(tmp_path: Path) -> None:
    complaint = "Error processing tar file(exit status 1): write /layer.tar: no space left on device"
    docker = put(tmp_path, "docker", f"echo '{complaint}' >&2; exit 1")
    assert (
        line_of(lambda: module._load(Engine(str(docker)), PYTHON, tiny_layer(tmp_path / "one" / "layer.tar")))
        == f"loading {PYTHON.tag}: {complaint}"
    )


def test_a_loaded_image_that_is_missing_is_one_line(tmp_path: Path) -> None:
    docker = put(tmp_path, "docker", 'test "$1" = load')
    said = f"^base: expected the engine to have {PYTHON.tag} after loading it, found no such image$"
    with pytest.raises(CommandError, match=said):
        module._load(Engine(str(docker)), PYTHON, tiny_layer(tmp_path / "one" / "layer.tar"))


@pytest.mark.docker
def test_a_stand_in_is_made_from_the_suites_of_this_machine(
    project: Project, engine: Engine, tiny: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stand-in has no documentation, and all its files have the same fixed time."""
    tiny_layer(tmp_path / "layer.tar")
    put(
        tmp_path,
        "mmdebstrap",
        f'printf "%s\\n" "$SOURCE_DATE_EPOCH" "$@" > {tmp_path}/asked\n'
        f'for one in "$@"; do case $one in */layer.tar) cp {tmp_path}/layer.tar "$one" ;; esac; done',
    )
    put(tmp_path, "apt-get", "echo 'http://mirror/debian|bookworm|main|Packages'")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    made = make_image(engine, replace(tiny, packages=("one", "two")), project)
    assert made == engine.image(tiny.tag)
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked[0] == "1762370100"
    assert {"--variant=minbase", "--include=one,two", "--dpkgopt=path-exclude=/usr/share/doc/*"} <= {*asked}
    assert asked[-3] == "bookworm"
    assert asked[-1] == "deb http://mirror/debian bookworm main"
    assert not Path(asked[-2]).parent.exists()


def test_an_error_of_mmdebstrap_is_one_line(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "mmdebstrap", "echo 'I: automatic' >&2; echo 'E: no space left on device' >&2; exit 25")
    put(tmp_path, "apt-get", "echo 'http://mirror/debian|bookworm|main|Packages'")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert line_of(lambda: make_image(Engine("no-docker"), PYTHON, project)) == (
        f"base: making {PYTHON.tag}: mmdebstrap ended with status 25: I: automatic | E: no space left on device"
    )


@pytest.mark.parametrize("root", [False, True])
def test_a_missing_mmdebstrap_is_one_line_that_says_how_to_install_it(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: bool
) -> None:
    """mmdebstrap is installed only for root on Debian. In this test, the user is not root or apt-get is missing."""
    if not root:
        put(tmp_path, "apt-get", f"touch {tmp_path}/asked")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 0 if root else 1000)
    assert "install it with: apt-get install -y mmdebstrap" in line_of(
        lambda: make_image(Engine("no-docker"), PYTHON, project)
    )
    assert not (tmp_path / "asked").exists()


def test_a_failed_installation_of_mmdebstrap_is_one_line(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "apt-get", 'echo "E: Unable to locate package $4" >&2; exit 100')
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert line_of(lambda: make_image(Engine("no-docker"), PYTHON, project)) == (
        "expected apt-get install to succeed, found: E: Unable to locate package mmdebstrap"
    )


def test_the_sources_of_this_machine_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        "http://mirror/debian|bookworm|main|Packages",
        "http://mirror/debian|bookworm|main|Packages",
        "",
        "http://mirror/debian|bookworm|main|DEP-11",
        "http://mirror/debian|bookworm|non-free-firmware|Packages",
        "http://mirror/debian|trixie|main|Packages",
        "http://mirror/security|bookworm-security|main|Packages",
    ]
    (tmp_path / "rows").write_text("".join(f"{row}\n" for row in rows))
    put(tmp_path, "apt-get", f'while read -r row; do echo "$row"; done < {tmp_path}/rows')
    monkeypatch.setenv("PATH", str(tmp_path))
    assert module._sources() == [
        "deb http://mirror/debian bookworm main",
        "deb http://mirror/security bookworm-security main",
    ]


def test_the_sources_of_a_stand_in_name_the_archive_of_each_mirror() -> None:
    sources = ["deb http://mirror/debian bookworm main", "deb http://mirror/security bookworm-security main"]
    archives = {"http://mirror/debian": "http://archive/debian/20250520T000000Z"}
    assert module._with_archives(sources, archives) == [
        "# http://archive/debian/20250520T000000Z",
        "deb http://mirror/debian bookworm main",
        "deb http://mirror/security bookworm-security main",
    ]


def test_sources_have_no_empty_line() -> None:
    try:
        found = module._sources()
    except (CommandError, FileNotFoundError):
        pytest.skip("apt has no archive of Debian 12; run on Debian 12")
    assert found
    assert all(line.strip() and len(line.split()) == 4 for line in found)


def test_another_system_than_debian_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "apt-get", "echo 'http://mirror/ubuntu|noble|main|Packages'")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandError, match="expected the archive of Debian 12 in the sources of apt, found none"):
        module._sources()


@pytest.mark.parametrize("codename", ["bookworm", "bookworm-pgdg"])
def test_an_archive_of_another_vendor_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, codename: str
) -> None:
    rows = f"http://mirror/debian|bookworm|main|Packages\\nhttps://packages.redis.io/deb|{codename}|main|Packages\\n"
    put(tmp_path, "apt-get", f"printf '{rows}'")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert module._sources() == ["deb http://mirror/debian bookworm main"]
