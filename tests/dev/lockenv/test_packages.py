"""Tests of the command line that installs what is missing: one line for each package manager and each user."""

import shutil
import subprocess
from pathlib import Path

import pytest
from programs import put

from dev.lockenv import packages
from dev.lockenv.project import Project

FIRST = ("python", "pip", "headers", "build")
SUDO = "sudo apt-get update && sudo apt-get install -y"
LINES = {
    ("apt-get", "sudo"): f"{SUDO} python3.11 python3.11-venv python3.11-dev gcc libc6-dev libgmp-dev",
    ("apt-get", "doas"): "doas apt-get update && doas apt-get install -y python3.11 python3.11-venv python3.11-dev gcc "
    "libc6-dev libgmp-dev",
    ("apt-get",): "su -c 'apt-get update && apt-get install -y python3.11 python3.11-venv python3.11-dev gcc "
    "libc6-dev libgmp-dev'",
    ("dnf", "sudo"): "sudo dnf install -y python3.11 python3.11-pip python3.11-devel gcc gmp-devel",
    ("apk", "doas"): "doas apk add python3 py3-pip python3-dev gcc musl-dev gmp-dev",
    ("brew", "sudo"): "brew install python@3.11 gmp && export CPATH=$(brew --prefix)/include "
    "LIBRARY_PATH=$(brew --prefix)/lib",
    (): "nix develop",
}


def machine(folder: Path, monkeypatch: pytest.MonkeyPatch, programs: tuple[str, ...], user: int) -> None:
    for name in programs:
        put(folder, name, "exit 99")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr("os.geteuid", lambda: user)


@pytest.mark.parametrize(("programs", "line"), LINES.items(), ids="-".join)
def test_one_line_installs_everything(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, programs: tuple[str, ...], line: str
) -> None:
    machine(tmp_path, monkeypatch, programs, 1000)
    assert packages.how_to_get(project.toolchain, *FIRST) == line


def test_root_needs_no_sudo(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine(tmp_path, monkeypatch, ("apt-get", "sudo"), 0)
    assert packages.how_to_get(project.toolchain, "git") == "apt-get update && apt-get install -y git"


def test_every_need_has_packages_for_every_package_manager(project: Project) -> None:
    for table in project.toolchain.packages.values():
        assert {name for name in table if not name.endswith("-then")} == {"apt", "dnf", "apk", "brew", "nix"}


@pytest.mark.parametrize(
    ("release", "programs", "says"),
    [
        ("bookworm", ("apt-get", "sudo"), LINES["apt-get", "sudo"]),
        ("bookworm", ("apt-get",), LINES["apt-get",]),
        (
            "trixie",
            ("apt-get", "sudo"),
            f"{SUDO} gcc libc6-dev libgmp-dev && uv python install 3.11 (this release has no package of Python 3.11; "
            "uv has one)",
        ),
        ("", ("dnf", "sudo"), LINES["dnf", "sudo"]),
        ("", ("apk", "doas"), "doas apk add gcc musl-dev gmp-dev && uv python install 3.11 (Alpine has another Python"),
        ("", ("brew",), "brew install python@3.11 gmp"),
        ("", (), "nix develop, or with uv: uv python install 3.11"),
    ],
)
def test_without_python_the_shell_prints_the_same_line(
    project: Project, tmp_path: Path, release: str, programs: tuple[str, ...], says: str
) -> None:
    """No Python can read locks/toolchain.toml here, so the shell script has a copy of the names of the packages."""
    command = project.root / "dev" / "command"
    text = (command / "python").read_text().replace("/usr/bin/python$series:", "")
    here = tmp_path / "dev" / "command"
    here.mkdir(parents=True)
    shutil.copy(command / "pythons", here)
    shutil.copy(project.root / "pyproject.toml", tmp_path)
    script = put(here, "start", text.replace("/etc/os-release", str(tmp_path / "release")))
    (tmp_path / "release").write_text(f"VERSION_CODENAME={release}\n")
    put(tmp_path, "id", "echo 1000")
    (tmp_path / "sed").symlink_to(shutil.which("sed") or "sed")
    for name in programs:
        put(tmp_path, name, "exit 99")
    done = subprocess.run(
        ["/bin/sh", script],
        env={"PATH": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    before = "Python: expected Python 3.11 on this machine, found none; install it and everything else that the first "
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(f"{before}run needs with: {says}")
    assert done.stderr.count("\n") == 1
