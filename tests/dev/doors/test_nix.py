"""Which Nix is taken, and what is said where there is none."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.doors import nix as module
from dev.doors.nix import Nix, ensure_nix, find_nix, make_nix
from dev.doors.nix_places import Places
from dev.lockenv.project import Project, read_project

HOW = "install Nix 2.18 or later, or on Debian 12: scripts/nix"


@pytest.fixture
def places(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """A PATH with nothing on it, and an empty prefix."""
    (tmp_path / "path").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    home = tmp_path / "home"
    return Places(read_project(project.root, home), home, home / ".cache" / "nix")


def put(folder: Path, body: str, name: str = "nix") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)
    return folder / name


def on_path(body: str, name: str = "nix") -> Path:
    return put(Path(os.environ["PATH"]), body, name)


def line_of(places: Places) -> str:
    with pytest.raises(CommandError) as caught:
        find_nix(places)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_none(places: Places) -> None:
    assert line_of(places) == f"nix: expected Nix 2.18 or later on PATH, found none; {HOW}"


@pytest.mark.parametrize(
    ("says", "version"),
    [
        ("nix (Nix) 2.18.0", "2.18.0"),
        ("nix (Nix) 3.0pre20300101_abc", "3.0pre20300101_abc"),
        ("nix (Lix, like Nix) 2.93.3", "2.93.3"),
        ("nix (Determinate Nix 3.8.5) 2.30.1", "2.30.1"),
    ],
)
def test_one_that_will_do(places: Places, says: str, version: str) -> None:
    program = on_path(f"echo '{says}'")
    assert find_nix(places) == Nix(program, version)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("echo 'nix (Nix) 2.8.0'", "of version 2.8.0"),
        ("echo 'nix (Nix) 2.17.1'", "of version 2.17.1"),
        ("echo something else", "which does not tell its version"),
        ("echo 'nix (Nix) 2.30.0'; exit 1", "which does not tell its version"),
    ],
)
def test_one_that_will_not(places: Places, body: str, found: str) -> None:
    program = on_path(body)
    said = line_of(places).replace(f"{program}, which", f"{program} which")
    assert said == f"nix: expected Nix 2.18 or later on PATH, found {program} {found}; {HOW}"


def test_the_one_made_here_stands_behind_that_on_path(places: Places) -> None:
    made = put(places.prefix / "bin", "echo 'nix (Nix) 2.26.3'")
    assert find_nix(places) == Nix(made, "2.26.3")
    old = on_path("echo 'nix (Nix) 2.8.0'")
    assert find_nix(places) == Nix(made, "2.26.3")
    old.write_text("#!/bin/sh\necho 'nix (Nix) 2.30.0'\n")
    assert find_nix(places) == Nix(old, "2.30.0")


def test_nothing_is_made_where_there_is_one(places: Places) -> None:
    program = on_path("echo 'nix (Nix) 2.24.1'")
    on_path(f"touch {places.environments}-asked", "apt-get")
    assert ensure_nix(places) == Nix(program, "2.24.1")
    assert not places.prefix.exists()
    assert not Path(f"{places.environments}-asked").exists()


def test_another_system_is_told_how(places: Places) -> None:
    on_path("echo 'nix (Nix) 2.8.0'")
    with pytest.raises(
        CommandError, match=r"of version 2\.8\.0; install Nix 2\.18 or later, or on Debian 12: scripts/nix$"
    ):
        ensure_nix(places)


@pytest.fixture
def wrapped(places: Places, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The wrapper of a Nix that prints what it was given."""

    def unpack(folder: Path) -> Path:
        return put(folder / "usr" / "bin", 'printf "%s\\n" "$NIX_STORE_DIR" "$@"')

    monkeypatch.setattr(module, "unpack_nix", unpack)
    monkeypatch.setattr(module, "write_standin", lambda _project, folder: folder.mkdir(exist_ok=True))
    make_nix(places)
    return places.prefix / "bin" / "nix"


@pytest.mark.parametrize(
    ("arguments", "at"),
    [
        ("develop .#v0_8 --command python -I -", 1),
        ("develop --command nix flake check", 1),
        ("-L build", 2),
        ("flake check --all-systems", 2),
        ("flake show", 2),
        ("run .#ping -- run", 1),
        ("fmt flake.nix", 1),
        ("flake lock --no-update-lock-file", None),
        ("flake metadata", None),
        ("store gc", None),
        ("--version", None),
    ],
)
def test_the_stand_in_is_given_to_what_evaluates(wrapped: Path, arguments: str, at: int | None) -> None:
    words = arguments.split()
    prefix = wrapped.parent.parent
    done = subprocess.run([wrapped, *words], env={}, capture_output=True, text=True, check=True)
    store, *given = done.stdout.splitlines()
    assert store == str(prefix / "store")
    if at is not None:
        words[at:at] = ["--override-input", "nixpkgs", f"path:{prefix}/standin"]
    assert given == words


@pytest.mark.parametrize("name", ["a folder", "it's", "a%20b", "größe"])
def test_a_checkout_that_no_store_can_be_in(places: Places, tmp_path: Path, name: str) -> None:
    """What Nix builds takes the paths of a store as words."""
    odd = Places(places.host, places.environments, tmp_path / name / "nix")
    with pytest.raises(
        CommandError, match=r"/nix: expected a path without blanks or signs, .* move the checkout, or install"
    ):
        make_nix(odd)
    assert not odd.prefix.exists()


def test_what_is_as_it_should_be_stays(wrapped: Path, places: Places) -> None:
    before = wrapped.stat().st_mtime_ns
    make_nix(places)
    assert wrapped.stat().st_mtime_ns == before
    shutil.rmtree(wrapped.parent)
    make_nix(places)
    assert os.access(wrapped, os.X_OK)
