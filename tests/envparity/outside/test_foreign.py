"""Tests of reading environments of Windows and macOS from outside; the tests make their folders."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from judging import codes, subject
from outside_kit import door_to, opened
from wheels import wheel_bytes

from envparity.errors import EnvparityError
from envparity.judge.judgement import check
from envparity.project.locks import read_lock
from envparity.snapshot.outside import Outside
from envparity.snapshot.types import Snapshot

NO_RUN = Outside(no_run=True)
LOCK = 'alpha==1.0\nnative==1.0\ncolour==1.0 ; sys_platform == "win32"\nmac==1.0 ; platform_system == "Darwin"\n'
WINDOWS = "home = C:\\Python312\ninclude-system-site-packages = false\nversion = 3.12.4\n"
MACOS = "home = /opt/homebrew/opt/python@3.12/bin\ninclude-system-site-packages = false\nversion_info = 3.12.4\n"
HEADER = '#define PY_MAJOR_VERSION 3\n#define PY_VERSION      "3.12.4"\n'


def install(site: Path, name: str, tag: str = "py3-none-any", module: str = "") -> None:
    files: dict[str, str | bytes] = {
        f"{name}/__init__.py": "x = 1\n",
        **({f"{name}/{module}": b"\0"} if module else {}),
    }
    with ZipFile(io.BytesIO(wheel_bytes(name, "1.0", files, tag=tag))) as wheel:
        wheel.extractall(site)


def windows(folder: Path, config: str = WINDOWS) -> Path:
    """Make an environment of Windows and return its site folder."""
    site, scripts = folder / "Lib" / "site-packages", folder / "Scripts"
    site.mkdir(parents=True)
    scripts.mkdir()
    (folder / "pyvenv.cfg").write_text(config)
    for name in ("python.exe", "pythonw.exe", "activate", "activate.bat", "Activate.ps1", "deactivate.bat"):
        (scripts / name).write_text("MZ")
    for name in ("alpha", "colour"):
        install(site, name)
    install(site, "native", "cp312-cp312-win_amd64", "_c.cp312-win_amd64.pyd")
    return site


def macos(folder: Path, config: str = MACOS) -> Path:
    """Make an environment of macOS, whose Python is a link that leads nowhere here, and return its site folder."""
    site = folder / "lib" / "python3.12" / "site-packages"
    site.mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "pyvenv.cfg").write_text(config)
    (folder / "bin" / "python3").symlink_to("/opt/homebrew/opt/python@3.12/bin/python3.12")
    (folder / "bin" / "python").symlink_to("python3")
    for name in ("alpha", "mac"):
        install(site, name)
    install(site, "native", "cp312-cp312-macosx_11_0_arm64", "_c.cpython-312-darwin.so")
    return site


def read(folder: Path) -> Snapshot:
    (found,) = opened(folder, NO_RUN)
    return found.snapshot


@pytest.mark.parametrize(
    ("make", "platform", "markers"),
    [
        (windows, "win-amd64", ("nt", "win32", "Windows", "AMD64")),
        (macos, "macosx-11.0-arm64", ("posix", "darwin", "Darwin", "arm64")),
    ],
)
def test_an_intact_environment_equals_its_lock_and_damage_is_found(
    make: Callable[[Path], Path], platform: str, markers: tuple[str, ...], tmp_path: Path
) -> None:
    folder = tmp_path / "environment"
    site = make(folder)
    snapshot = read(folder)
    python = snapshot.interpreter
    assert (python.version, python.platform) == ("3.12.4", platform)
    names = ("os_name", "sys_platform", "platform_system", "platform_machine")
    assert tuple(python.markers[name] for name in names) == markers
    (tmp_path / "lock.txt").write_text(LOCK)
    lock = read_lock(tmp_path / "lock.txt")
    assert list(check(subject(snapshot, lock))) == []

    (site / "alpha" / "__init__.py").write_text("changed = 1\n")
    (site / "native" / "extra.py").write_text("")
    (site / "evil.pth").write_text("import os\n")
    install(site, "other")
    found = codes(check(subject(read(folder), lock)))
    assert found == {"file-altered", "file-extraneous", "lock-extra", "startup-unowned"}


def test_a_whole_installation_has_its_version_in_a_header(tmp_path: Path) -> None:
    framework = tmp_path / "Python.framework" / "Versions" / "3.12"
    macos(framework)
    for path in (framework / "bin" / "python3", framework / "pyvenv.cfg"):
        path.unlink()
    (framework / "bin" / "python3.12").write_bytes(b"\xcf\xfa\xed\xfe")
    (framework / "include" / "python3.12").mkdir(parents=True)
    (framework / "include" / "python3.12" / "patchlevel.h").write_text(HEADER)
    assert set(read(framework).by_name) == {"alpha", "mac", "native"}
    assert read(framework).interpreter.version == "3.12.4"

    installed = tmp_path / "Python312"
    windows(installed)
    (installed / "pyvenv.cfg").unlink()
    (installed / "python.exe").write_text("MZ")
    (installed / "include").mkdir()
    (installed / "include" / "patchlevel.h").write_text(HEADER)
    assert set(read(installed).by_name) == {"alpha", "colour", "native"}


def test_an_environment_of_linux_whose_python_is_gone_is_not_one_of_macos(tmp_path: Path) -> None:
    folder = tmp_path / "environment"
    macos(folder, "home = /usr/bin\nversion = 3.12.4\n")
    for path in (folder / "lib" / "python3.12" / "site-packages").glob("*/WHEEL"):
        path.write_text("Tag: py3-none-any\n")
    with pytest.raises(EnvparityError, match="expected a Python of Linux in"):
        opened(folder, NO_RUN)


@pytest.mark.parametrize(("make", "system"), [(windows, "Windows"), (macos, "macOS")])
def test_without_no_run_one_line_says_what_to_do(make: Callable[[Path], Path], system: str, tmp_path: Path) -> None:
    make(tmp_path / "it")
    with pytest.raises(EnvparityError, match=rf"found an environment of {system}; .*: envparity check \S+ --no-run$"):
        door_to(tmp_path / "it")


def test_envparity_itself_says_that_it_needs_another_system() -> None:
    code = "import sys; sys.path.insert(0, '.'); sys.platform = 'win32'; from envparity.__main__ import run; run()"
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=root)
    assert done.returncode == 2
    assert done.stderr.startswith("envparity: expected Linux or macOS, found win32; ")
    assert done.stderr.count("\n") == 1
