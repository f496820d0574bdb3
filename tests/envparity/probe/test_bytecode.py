"""Tests of how the probe (the program that reads an environment) compares bytecode with its source.

The probe also gives bytecode a hash that leaves out the name of the file that it was compiled from.
"""

import marshal
import py_compile
import subprocess
import sys
from pathlib import Path

import pytest
from environment_builder import Environment, record_hash
from probing import wrong
from pythons import other_pythons

from envparity.probe.assembly import section_text
from envparity.snapshot.types import File

SOURCE = 'def f(a):\n    """Text."""\n    return a in {"x", "y", "z"} and (1, 1.0, True)\n'
CLASSES = "class A:\n    def g(self):\n        return lambda: 2\n" * 40
CHECKED = py_compile.PycInvalidationMode.CHECKED_HASH
UNCHECKED = py_compile.PycInvalidationMode.UNCHECKED_HASH


def compiled(
    environment: Environment,
    mode: py_compile.PycInvalidationMode | None = None,
    shown: str | None = None,
    optimise: int = -1,
) -> Path:
    """Add the module alpha to an environment, compile it, and return the path of the bytecode.

    `shown` is the file name in the bytecode; by default it is the path of the source.
    """
    environment.add("alpha", files={"alpha.py": SOURCE})
    source = str(environment.site / "alpha.py")
    made = py_compile.compile(source, dfile=shown, doraise=True, optimize=optimise, invalidation_mode=mode)
    assert made is not None
    return Path(made)


def judged(environment: Environment, path: Path, *, bytecode: bool = False) -> File:
    """Return the probe's facts about a bytecode file. With `bytecode`, the probe also compiles the source."""
    return environment.snapshot(bytecode=bytecode).files[f"site/__pycache__/{path.name}"]


@pytest.mark.parametrize(
    ("mode", "name"), [(None, "timestamp"), (CHECKED, "checked-hash"), (UNCHECKED, "unchecked-hash")]
)
def test_fresh_and_stale_bytecode_are_recognised(
    empty: Environment, mode: py_compile.PycInvalidationMode | None, name: str
) -> None:
    path = compiled(empty, mode)
    assert judged(empty, path).bytecode == f"{name}:fresh"
    assert judged(empty, path, bytecode=True).bytecode == f"{name}:fresh"
    (empty.site / "alpha.py").write_text("other = 1\n", encoding="ascii")
    assert judged(empty, path).bytecode == f"{name}:stale"


@pytest.mark.parametrize(
    ("data", "state"),
    [
        (b"", "broken"),
        (b"\0" * 15, "broken"),
        (b"\0" * 100, "other-magic"),
        (None, "broken:flags"),
    ],
)
def test_files_that_are_no_bytecode_are_marked_broken(empty: Environment, data: bytes | None, state: str) -> None:
    path = compiled(empty)
    if data is None:
        whole = bytearray(path.read_bytes())
        whole[4] = 2
        data = bytes(whole)
    path.write_bytes(data)
    assert judged(empty, path).bytecode == state


@pytest.mark.parametrize("optimise", [0, 1, 2])
def test_altered_bytecode_is_found_with_the_option(empty: Environment, optimise: int) -> None:
    path = compiled(empty, CHECKED, optimise=optimise)
    assert judged(empty, path, bytecode=True).bytecode == "checked-hash:fresh"
    whole = path.read_bytes()
    code = marshal.loads(whole[16:])  # noqa: S302 - compiled above
    for other in (
        compile(SOURCE.replace("1.0", "1"), code.co_filename, "exec", optimize=optimise),
        code.replace(co_firstlineno=9),
        code.replace(co_linetable=b""),
        "no code",
    ):
        path.write_bytes(whole[:16] + marshal.dumps(other))
        assert judged(empty, path).bytecode == "checked-hash:fresh"
        assert judged(empty, path, bytecode=True).bytecode == "checked-hash:altered"
    path.write_bytes(whole[:16] + b"no marshal")
    assert judged(empty, path, bytecode=True).bytecode == "checked-hash:altered"


def test_bytecode_of_other_interpreters_and_without_source_is_marked(empty: Environment) -> None:
    path = compiled(empty)
    for name in ("alpha.cpython-27.pyc", "alpha.pypy39.pyc", f"{path.stem}-pytest-9.0.1.pyc"):
        path.with_name(name).write_bytes(path.read_bytes())
    path.with_name(path.name.replace("alpha", "gone")).write_bytes(path.read_bytes())
    found = {
        name.rpartition("/")[2]: file.bytecode for name, file in empty.probe().files.items() if name.endswith("pyc")
    }
    assert found.pop(path.name) == "timestamp:fresh"
    assert found.pop(path.name.replace("alpha", "gone")) == "orphan"
    assert set(found.values()) == {"other-interpreter"}


@pytest.mark.parametrize(
    "shown",
    [
        "alpha.py",
        "/staging/of/an/installer/alpha.py",
        "/" + "long/" * 60 + "alpha.py",
        "/caf\N{LATIN SMALL LETTER E WITH ACUTE}/alpha.py",
    ],
)
def test_the_file_name_is_not_part_of_the_normal_hash(empty: Environment, shown: str) -> None:
    path = compiled(empty, CHECKED)
    before = judged(empty, path)
    compiled(empty, CHECKED, shown)
    after = judged(empty, path)
    assert before.sha256 != after.sha256
    assert before.normal == after.normal
    code = marshal.loads(path.read_bytes()[16:])  # noqa: S302 - compiled above
    path.write_bytes(path.read_bytes()[:16] + marshal.dumps(code.replace(co_name="other")))
    assert judged(empty, path).normal != before.normal


PATHS = ("alpha.py", "/a/alpha.py", f"/{'long/' * 60}alpha.py", "/caf\N{LATIN SMALL LETTER E WITH ACUTE}/alpha.py")
ONE_HASH = """
import os, py_compile, sys
exec(sys.stdin.read())
found = set()
for path in sys.argv[2:]:
    mode = py_compile.PycInvalidationMode.CHECKED_HASH
    made = py_compile.compile(sys.argv[1], cfile=sys.argv[1] + "c", dfile=path, doraise=True, invalidation_mode=mode)
    with open(made, "rb") as file:
        data = file.read()
    found |= {code_hash(data, os.fsencode(own)) for own in (path, "/own/alpha.py")}
print(len(found))
"""


@pytest.mark.parametrize("python", [sys.executable, *other_pythons()])
def test_every_supported_python_writes_bytecode_in_this_form(python: str, tmp_path: Path) -> None:
    if subprocess.run([python, "-c", "import sys; sys.exit(sys.version_info < (3, 8))"], check=False).returncode:
        pytest.skip("this Python is older than 3.8, which the test needs")
    (tmp_path / "alpha.py").write_text(SOURCE + CLASSES)
    command = [python, "-X", "utf8", "-c", ONE_HASH, str(tmp_path / "alpha.py"), *PATHS]
    probe = f"from __future__ import annotations\n{section_text('bytecode')}"
    done = subprocess.run(command, input=probe, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")


def test_a_constant_is_not_taken_for_the_file_name(empty: Environment) -> None:
    names = [str(empty.site / "alpha.py"), "other/alpha.py", "alpha.py"]
    hashes: set[str | None] = set()
    for shown in ("/staging/alpha.py", names[0]):
        for name in names:
            path = compiled(empty, CHECKED, shown)
            code = compile(f'def f():\n    return ("{name}", "{name}s", "a", "b", None)\n', shown, "exec")
            path.write_bytes(path.read_bytes()[:16] + marshal.dumps(code))
            hashes.add(judged(empty, path).normal)
    assert len(hashes) == len(names)


def test_a_reference_to_the_file_name_stays_part_of_the_normal_hash(empty: Environment) -> None:
    path = compiled(empty, CHECKED, "/a/alpha.py")
    before, data = judged(empty, path), bytearray(path.read_bytes())
    at = data.index(b"/a/alpha.py") - 2
    assert data[at] & 0x80
    data[at] &= 0x7F  # without this bit, each later reference points to another object
    path.write_bytes(data)
    assert judged(empty, path).normal != before.normal


def test_hostile_bytecode_takes_less_than_a_moment(empty: Environment) -> None:
    path = compiled(empty)
    path.write_bytes(path.read_bytes()[:16] + b"/alpha.py" * (1 << 20))
    assert judged(empty, path).bytecode == "timestamp:fresh"


def test_bytecode_whose_source_was_not_read_is_not_compared(empty: Environment) -> None:
    path = compiled(empty, CHECKED)
    source = empty.site / "alpha.py"
    source.rename(empty.folder / "elsewhere.py")
    source.symlink_to("nowhere.py")
    (empty.site / "alpha-1.0.dist-info" / "RECORD").write_text("x,,\n", encoding="ascii")
    assert judged(empty, path).bytecode == "unjudged"


def test_the_hash_seed_does_not_change_compiled_bytecode(empty: Environment) -> None:
    path = compiled(empty)
    for seed in ("1", "2", "3"):
        path.unlink()
        subprocess.run([empty.python, "-c", "import alpha"], check=True, env={"PYTHONHASHSEED": seed})
        assert judged(empty, path, bytecode=True).bytecode == "timestamp:fresh"


def listed_bytecode(environment: Environment) -> Path:
    """Install a wheel that contains bytecode of its module alpha, and return the path of the bytecode."""
    path = compiled(environment)
    row = f"__pycache__/{path.name},{record_hash(path.read_bytes())},{path.stat().st_size}\n"
    with (environment.site / "alpha-1.0.dist-info" / "RECORD").open("a", encoding="utf-8") as record:
        record.write(row)
    return path


def test_bytecode_that_an_installer_compiled_over_that_of_the_wheel_is_unaltered(empty: Environment) -> None:
    """pip does so with the file numpy/distutils/__pycache__/conv_template.cpython-310.pyc of numpy 2.2.6."""
    path = listed_bytecode(empty)
    assert judged(empty, path).claims == {"alpha": "match"}
    py_compile.compile(str(empty.site / "alpha.py"), invalidation_mode=CHECKED)
    found = judged(empty, path)
    assert (found.bytecode, found.claims) == ("checked-hash:fresh", {"alpha": "unhashed"})
    assert wrong(empty.snapshot()) == set()
    path.unlink()
    assert wrong(empty.snapshot()) == set()


def test_altered_bytecode_that_a_wheel_contains_is_found_without_the_option(empty: Environment) -> None:
    path = listed_bytecode(empty)
    data = path.read_bytes()
    path.write_bytes(data[:16] + marshal.dumps(compile("evil = 1", "alpha.py", "exec")))
    found = judged(empty, path)
    assert found.bytecode == "timestamp:altered"
    assert found.claims["alpha"].startswith("sha256:")
    assert wrong(empty.snapshot()) == {"bytecode-altered", "file-altered"}
