"""Tests of what the probe says about the interpreter and its standard library.

The probe is the program that reads an environment. The tests copy a real Python, so that they can change it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from environment_builder import Environment

from envparity.probe.environment import Environment as Found
from envparity.probe.installation import Interpreter, short_hash, standard_library
from envparity.probe.root import Root
from envparity.snapshot.types import Snapshot


def real_python() -> Path:
    """Return the interpreter that the tests run with, behind all links."""
    return Path(sys.executable).resolve()


@pytest.fixture
def copied(tmp_path: Path) -> Environment:
    """Return a virtual environment of a copied Python, whose standard library a test may change."""
    python = tmp_path / "python" / "bin" / real_python().name
    python.parent.mkdir(parents=True)
    shutil.copy2(real_python(), python)
    left_out = shutil.ignore_patterns("site-packages", "dist-packages", "config-*", "test", "__pycache__")
    library = Path(os.__file__).parent
    shutil.copytree(library, tmp_path / "python" / "lib" / library.name, ignore=left_out)
    return Environment(tmp_path / "environment", str(python))


def library_of(environment: Environment) -> Path:
    """Return the copied standard library of the fixture `copied`."""
    return next((environment.folder.parent / "python" / "lib").glob("python3*"))


def differing(one: Snapshot, other: Snapshot) -> list[str]:
    """Return the files of the standard library that differ, as `folder/name`."""
    folders = one.standard_library.keys() | other.standard_library.keys()
    return sorted(
        f"{folder}/{name}"
        for folder in folders
        for name in one.standard_library.get(folder, {}).keys() | other.standard_library.get(folder, {}).keys()
        if one.standard_library.get(folder, {}).get(name) != other.standard_library.get(folder, {}).get(name)
    )


def test_each_changed_file_of_the_standard_library_is_named(copied: Environment) -> None:
    before = copied.snapshot()
    library = library_of(copied)
    (library / "json" / "tool.py").write_text("changed\n")
    (library / "json" / "added.py").write_text("")
    (library / "this.py").unlink()
    (library.parent / f"{library.name.replace('.', '')}.zip").write_bytes(b"PK\5\6" + bytes(18))
    after = copied.snapshot()
    zipped = f"../{library.name.replace('.', '')}.zip"
    assert differing(before, after) == [zipped, "/this.py", "json/added.py", "json/tool.py"]
    assert after.standard_library["json"]["tool.py"] == short_hash(b"changed\n")


def test_the_interpreter_is_known_by_its_bytes_and_its_build(copied: Environment, bare: Environment) -> None:
    one, other = copied.snapshot().interpreter, bare.snapshot().interpreter
    assert one.binary == other.binary is not None
    assert one.build == other.build
    assert (one.home, other.home) == ("same", "same")
    binary = next((copied.folder.parent / "python" / "bin").iterdir())
    binary.write_bytes(binary.read_bytes() + b"\0")
    changed = copied.snapshot().interpreter
    assert changed.build == one.build
    assert changed.binary != one.binary


@pytest.mark.parametrize(
    ("home", "state"),
    [
        ("{other}", "other"),
        ("/nowhere", "missing"),
        ("{own}", "same"),
        ("/home/me/.local/bin", "same"),  # a link to the Python that runs, as uv makes it
        ("/home/you/.local/bin", "missing"),  # a link to another Python
    ],
)
def test_home_must_be_the_folder_of_the_python_that_runs(tmp_path: Path, home: str, state: str) -> None:
    image = tmp_path / "image"
    for name in ("usr", "evil"):
        for path in ("bin/python3.11", "lib/python3.11/os.py"):
            (image / name / path).parent.mkdir(parents=True, exist_ok=True)
            (image / name / path).write_text(name)
    for folder, target in (("home/me", "usr"), ("home/you", "evil")):
        (image / folder / ".local/bin").mkdir(parents=True)
        (image / folder / ".local/bin/python3.11").symlink_to(f"/{target}/bin/python3.11")
    (image / "env/bin").mkdir(parents=True)
    (image / "env/bin/python").symlink_to("/usr/bin/python3.11")
    (image / "env/pyvenv.cfg").write_text(f"home = {home.format(other='/evil/bin', own='/usr/bin')}\n")
    (image / "bin").symlink_to("usr/bin")
    found = Found("/env/bin/python", "3.11", root=Root(str(image)))
    interpreter = Interpreter(found)
    assert interpreter.facts["home"] == state
    assert interpreter.located["binary"] == "/usr/bin/python3.11"
    assert interpreter.located["config"] == "/env/pyvenv.cfg"


@pytest.mark.parametrize(("bytes_", "state"), [(b"usr", "same"), (b"other", "other")])
def test_a_copied_interpreter_must_have_the_bytes_of_its_original(tmp_path: Path, bytes_: bytes, state: str) -> None:
    image = tmp_path / "image"
    for path, data in (("usr/bin/python3.11", b"usr"), ("usr/lib/python3.11/os.py", b""), ("env/bin/python", bytes_)):
        (image / path).parent.mkdir(parents=True, exist_ok=True)
        (image / path).write_bytes(data)
    (image / "env/pyvenv.cfg").write_text("home = /usr/bin\n")
    assert Interpreter(Found("/env/bin/python", "3.11", root=Root(str(image)))).facts["home"] == state


def test_hashes_leave_out_what_depends_on_the_place(tmp_path: Path) -> None:
    """Bytecode contains the path and time of its source, and some installers write the path into sysconfig's data."""
    found = []
    for name in ("one", "another"):
        prefix = tmp_path / name
        library = prefix / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
        (library / "json").mkdir(parents=True)
        (library / "os.py").write_text("import sys\n")
        (library / "json" / "__init__.py").write_text("def f():\n    return 1\n")
        os.utime(library / "json" / "__init__.py", (len(name), len(name)))
        (library / "_sysconfigdata__linux.py").write_text(f"prefix = '{prefix}'\n")
        subprocess.run([sys.executable, "-m", "compileall", "-q", library / "json"], check=True)
        (prefix / "bin").mkdir()
        (prefix / "bin" / "python").write_text("")
        tag = sys.implementation.cache_tag or ""
        environment = Found(str(prefix / "bin" / "python"), library.name.removeprefix("python"))
        found.append(standard_library(environment, tag))
    assert list(found[0]) == ["", "json", "json/__pycache__"]
    one, other = (each[""].pop("_sysconfigdata__linux.py").split("|") for each in found)
    assert one[0] != other[0]
    assert one[1] == other[1]
    assert found[0] == found[1]
    assert {len(value) for names in found[0].values() for value in names.values()} == {24}


def test_changed_bytecode_is_found_if_sources_are_compiled_again(copied: Environment) -> None:
    library = library_of(copied)
    subprocess.run(
        [copied.python, "-I", "-m", "compileall", "-q", library / "colorsys.py", library / "this.py"], check=True
    )
    (path,) = (library / "__pycache__").glob("colorsys.*.pyc")
    path.write_bytes(path.read_bytes().replace(b"rgb_to_hsv", b"rgb_to_abc"))
    before = copied.snapshot().standard_library["__pycache__"]
    after = copied.snapshot(bytecode=True).standard_library["__pycache__"]
    assert after == before | {path.name: f"altered:{before[path.name]}"}


def test_a_file_that_cannot_be_read_has_the_reason(copied: Environment) -> None:
    library = library_of(copied)
    (library / "this.py").unlink()
    os.mkfifo(library / "this.py")
    (library / "antigravity.py").unlink()
    (library / "antigravity.py").symlink_to("/nowhere")
    found = copied.snapshot().standard_library[""]
    assert found["this.py"] == "not a regular file"
    assert found["antigravity.py"] == "No such file or directory"
