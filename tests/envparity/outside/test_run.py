"""Tests that the probe prints the same snapshot from outside as from inside, for every kind of environment.

The probe is the program that prints a snapshot: the facts about an environment, as JSON.
"""

import ast
import gzip
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from archives import docker_save, oci_files, tar_of, write_files
from environment_builder import Environment
from outside_kit import fill_with_everything, from_inside, raw_from_outside, without_running
from pythons import other_pythons

from envparity.outside import run
from envparity.outside.python import Python
from envparity.outside.run import NEEDS_RUNNING
from envparity.probe.assembly import assembled
from envparity.project.config import Config
from envparity.snapshot.doors import Look, find_door, open_doors
from envparity.snapshot.outside import Outside

NO_RUN = Outside(no_run=True)
NAME = f"python3.{sys.version_info.minor}"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a small installation of this Python: its program, and the modules that a start needs."""
    folder = tmp_path_factory.mktemp("base") / "python"
    (folder / "bin").mkdir(parents=True)
    (folder / "lib").mkdir()
    shutil.copy(os.path.realpath(sys.executable), folder / "bin" / NAME)
    for name in ("python", "python3"):
        (folder / "bin" / name).symlink_to(NAME)
    library = Path(str(sysconfig.get_config_var("LIBDIR"))) / str(sysconfig.get_config_var("INSTSONAME"))
    if library.is_file():
        shutil.copy(library, folder / "lib")
    shutil.copytree(
        sysconfig.get_paths()["stdlib"],
        folder / "lib" / NAME,
        ignore=shutil.ignore_patterns("test", "idlelib", "__pycache__", "*-packages", "config-*", "lib2to3", "tkinter"),
    )
    return folder


@pytest.fixture(scope="module")
def everything(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Return an environment with files of every kind. All tests share it, so no test may change it."""
    folder = tmp_path_factory.mktemp("everything") / "environment"
    return fill_with_everything(Environment(folder, str(base / "bin" / NAME)))


@pytest.fixture(scope="module")
def inside(everything: Environment) -> bytes:
    return without_running(from_inside([everything.python]))


@pytest.fixture(scope="module")
def packed(base: Path, everything: Environment) -> bytes:
    """Return a tar archive with the environment, and with the Python that it was made from."""
    return tar_of([base, everything.folder])


def test_a_folder_has_the_same_snapshot_without_running_it(everything: Environment, inside: bytes) -> None:
    assert without_running(raw_from_outside(everything.folder, NO_RUN)) == inside
    assert without_running(raw_from_outside(everything.python, NO_RUN)) == inside


def as_docker_save(folder: Path, packed: bytes) -> Path:
    path = folder / "saved.tar"
    path.write_bytes(docker_save(packed))
    return path


def as_docker_export(folder: Path, packed: bytes) -> Path:
    path = folder / "exported.tar"
    path.write_bytes(packed)
    return path


def as_layout(folder: Path, packed: bytes) -> Path:
    return write_files(folder / "layout", oci_files(packed, compress=lambda data: gzip.compress(data, 1)))


def as_root(folder: Path, packed: bytes) -> Path:
    root = folder / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc" / "os-release").write_text("")
    subprocess.run(["tar", "-x", "-C", root], input=packed, check=True)
    return root


@pytest.mark.parametrize("form", [as_docker_save, as_docker_export, as_layout, as_root])
def test_an_image_has_the_same_snapshot_in_every_form(
    form: Callable[[Path, bytes], Path], everything: Environment, inside: bytes, packed: bytes, tmp_path: Path
) -> None:
    prefix = Outside(prefix=str(everything.folder))
    assert without_running(raw_from_outside(form(tmp_path, packed), prefix)) == inside


@pytest.mark.parametrize("python", [sys.executable, *other_pythons()])
def test_the_environment_of_every_python_here_has_the_same_snapshot(python: str, tmp_path: Path) -> None:
    version = subprocess.run([python, "-V"], capture_output=True, text=True, check=False).stdout.split()
    if not version or int(version[1].split(".")[1]) < 8:
        pytest.skip("this Python is older than 3.8, which is the oldest that envparity reads; install a newer one")
    made = Environment(tmp_path / "environment", python)
    made.add("alpha", files={"alpha.py": "x = 1\n", "asyncore.py": "", "compression.py": "", "tomllib.py": ""})
    subprocess.run([made.python, "-I", "-m", "compileall", "-q", made.site], check=True)
    found = raw_from_outside(made.folder, NO_RUN)
    assert found["level"] == "outside"
    assert without_running(found) == without_running(from_inside([made.python]))


def with_system_sites(folder: Path) -> list[str | Path]:
    subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", "--system-site-packages", folder], check=True)
    return [folder / "bin" / "python"]


def by_uv(folder: Path) -> list[str | Path]:
    subprocess.run([sys.executable, "-I", "-m", "uv", "venv", "-q", "--python", sys.executable, folder], check=True)
    return [folder / "bin" / "python"]


def by_virtualenv(folder: Path) -> list[str | Path]:
    subprocess.run([sys.executable, "-I", "-m", "virtualenv", "-q", "--no-download", folder], check=True)
    return [folder / "bin" / "python"]


def copied(folder: Path) -> list[str | Path]:
    subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", "--copies", folder], check=True)
    return [folder / "bin" / "python"]


@pytest.mark.parametrize("make", [with_system_sites, by_uv, by_virtualenv, copied])
def test_environments_of_other_makers_have_the_same_snapshot(
    make: Callable[[Path], list[str | Path]], tmp_path: Path
) -> None:
    command = make(tmp_path / "environment")
    assert without_running(raw_from_outside(tmp_path / "environment", NO_RUN)) == without_running(from_inside(command))


def test_the_pythons_own_environment_has_the_same_snapshot() -> None:
    """Debian's /usr, or the folder of pyenv or conda."""
    python = Path(sys.base_prefix) / "bin" / "python3"
    found = raw_from_outside(python, NO_RUN)
    assert without_running(found) == without_running(from_inside([found["located"]["executable"]]))


def test_the_facts_that_need_a_running_python_are_empty(everything: Environment) -> None:
    found = raw_from_outside(everything.folder, NO_RUN)
    for *folders, name in NEEDS_RUNNING:
        holder = found
        for folder in folders:
            holder = holder[folder]
        assert not holder[name]


def test_every_module_that_the_probe_imports_is_given_or_replaced() -> None:
    names: set[str] = set()
    for node in ast.walk(ast.parse(assembled())):
        if isinstance(node, ast.Import):
            names |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    names -= {"envparity", "coverage"}  # scripts/quality coverage measures the probe
    kept = {
        name for name in names if name.partition(".")[0] not in {"os", "sys", "sysconfig", "importlib", "subprocess"}
    }
    assert kept <= run._GIVEN | {"_ssl", "typing"}


def test_bytecode_is_compiled_again_by_the_same_version_of_python(base: Path, tmp_path: Path) -> None:
    """Another release of the same minor version may compile differently, so it compares only the header."""
    environment = Environment(tmp_path / "environment", str(base / "bin" / NAME))
    environment.add("alpha", files={"alpha.py": "answer = 'right'\n"})
    subprocess.run([environment.python, "-I", "-m", "compileall", "-q", environment.site], check=True)
    (compiled,) = environment.site.glob("__pycache__/alpha.*.pyc")
    compiled.write_bytes(compiled.read_bytes().replace(b"right", b"wrong"))
    archive = tmp_path / "saved.tar"
    archive.write_bytes(docker_save(tar_of([base, environment.folder])))

    def seen(place: Path, *, bytecode: bool = True) -> tuple[str, str | None]:
        look = Look(bytecode=bytecode, timeout=100, outside=Outside(no_run=True, prefix=str(environment.folder)))
        door = find_door(str(place), Config(root=Path("/")), None, look.outside)
        (found,) = open_doors([door], Config(root=Path("/")), None, look)
        return found.snapshot.bytecode, found.snapshot.files[f"site/__pycache__/{compiled.name}"].bytecode

    assert seen(environment.folder) == seen(archive) == ("recompiled", "timestamp:altered")
    assert seen(environment.folder, bytecode=False) == ("headers", "timestamp:fresh")
    own = Python("", platform.python_version(), "", cache_tag=str(sys.implementation.cache_tag))
    assert run._compiles_the_same(own)
    assert not run._compiles_the_same(replace(own, version=f"{own.version}9"))


def test_the_site_folder_of_a_user(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python adds this folder, so its start-up code is in the snapshot of an image too. HOME of the image counts."""
    home = tmp_path / "home"
    site = home / ".local" / "lib" / NAME / "site-packages"
    site.mkdir(parents=True)
    (site / "usercustomize.py").write_text("import os\n")
    (site / "hook.pth").write_text("import os\n")
    (site / "alpha.py").write_text("")
    from_inside([base / "bin" / NAME])  # this writes bytecode of the standard library
    archive = tmp_path / "saved.tar"
    settings = {"HOME": str(home), "PATH": str(base / "bin")}
    archive.write_bytes(docker_save(tar_of([base, home]), environment=settings))
    outside = raw_from_outside(archive)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    inside = from_inside([base / "bin" / NAME])
    inside["located"]["executable"] = outside["located"]["executable"]
    assert without_running(outside) == without_running(inside)
    assert without_running(raw_from_outside(base, NO_RUN)) == without_running(inside)
    assert {hook["path"] for hook in outside["startup"]} >= {"user/hook.pth", "user/usercustomize.py"}
