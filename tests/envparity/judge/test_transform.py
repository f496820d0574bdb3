"""Tests of transforms: differences between environments with a known and harmless cause, such as their paths."""

import marshal
import os
import py_compile
import shutil
import subprocess
from pathlib import Path
from types import CodeType

import pytest
from environment_builder import Environment
from judging import beside, codes, fill, of, only

from envparity.judge.findings import Finding
from envparity.judge.registry import EVERY_RULE
from envparity.judge.rules import Severity


@pytest.fixture
def twins(tmp_path: Path) -> tuple[Environment, Environment]:
    """Return two environments with the same distributions, at different paths."""
    return fill(Environment(tmp_path / "one")), fill(Environment(tmp_path / "another" / "place"))


def shown(twins: tuple[Environment, Environment]) -> list[Finding]:
    found = beside(*(one.snapshot() for one in twins))
    assert [one for one in found if one.severity is Severity.ERROR] == []
    return found


def test_a_different_path_is_a_path_transform(twins: tuple[Environment, Environment]) -> None:
    found = shown(twins)
    assert {EVERY_RULE[one.code].family for one in found} == {"transform"}
    paths = {path for one in of("transform-path", found) for path in one.paths}
    assert {"scripts/alpha", "site/alpha-1.0.dist-info/RECORD"} <= paths
    assert not paths & {"site/alpha/core.py", "site/beta-2.0.dist-info/RECORD"}


def test_a_different_script_is_no_path_transform(twins: tuple[Environment, Environment]) -> None:
    script = twins[1].folder / "bin" / "alpha"
    script.write_text(f"#!{twins[1].python}\nimport os\n")
    found = beside(*(one.snapshot() for one in twins))
    assert "scripts/alpha" in only("file-differs", found).paths


def test_bytecode_in_one_door_only_is_a_transform(twins: tuple[Environment, Environment]) -> None:
    py_compile.compile(str(twins[1].site / "alpha/core.py"), doraise=True)
    found = only("transform-bytecode", shown(twins))
    assert [path.rpartition("/")[0] for path in found.paths] == ["site/alpha/__pycache__"]


def test_bytecode_of_another_mode_is_a_transform(twins: tuple[Environment, Environment]) -> None:
    for one, mode in zip(twins, ("CHECKED_HASH", "UNCHECKED_HASH"), strict=True):
        source = str(one.site / "alpha/core.py")
        py_compile.compile(source, doraise=True, invalidation_mode=getattr(py_compile.PycInvalidationMode, mode))
    assert only("transform-bytecode", shown(twins)).message.startswith("site/alpha/__pycache__/core.")


HASHED = py_compile.PycInvalidationMode.CHECKED_HASH


def bytecode(one: Environment, *, shown: str | None = None) -> Path:
    """Compile alpha/core.py, and return the path of the bytecode, which Python checks by the hash of the source.

    `shown` is the file name in the bytecode; by default it is the path of the source.
    """
    source = str(one.site / "alpha/core.py")
    return Path(str(py_compile.compile(source, dfile=shown, doraise=True, invalidation_mode=HASHED)))


def of_bytecode(found: list[Finding]) -> set[str]:
    return {one.code for one in found if any(path.endswith(".pyc") for path in one.paths)}


@pytest.mark.parametrize("folder", ["x", "l" * 60, "l" * 300])
def test_bytecode_of_another_path_is_a_path_transform(twins: tuple[Environment, Environment], folder: str) -> None:
    one, other = bytecode(twins[0]), bytecode(twins[1], shown=f"/{folder}/alpha/core.py")
    assert one.stat().st_size != other.stat().st_size
    assert of_bytecode(shown(twins)) == {"transform-path"}


def test_altered_bytecode_is_no_path_transform(twins: tuple[Environment, Environment]) -> None:
    paths = bytecode(twins[0]), bytecode(twins[1], shown="/x/alpha/core.py")
    heads = [path.read_bytes()[:16] for path in paths]
    codes = [marshal.loads(path.read_bytes()[16:]) for path in paths]  # noqa: S302 - compiled above

    def written(code: CodeType) -> set[str]:
        for path, head, one in zip(paths, heads, (codes[0], code), strict=True):
            path.write_bytes(
                head + marshal.dumps(one, 2)
            )  # marshal version 2 writes no references, which depend on the process
        return of_bytecode(shown(twins))

    other = codes[1]
    assert written(other) == {"transform-path"}
    for changed in (
        other.replace(co_firstlineno=9),
        other.replace(co_consts=(*other.co_consts, "/x/alpha/core.py")),
        other.replace(co_name="core.py"),
    ):
        assert written(changed) == {"transform-bytecode"}


def test_timestamp_bytecode_is_no_path_transform(twins: tuple[Environment, Environment]) -> None:
    for number, one in enumerate(twins):
        source = one.site / "alpha/core.py"
        os.utime(source, (number + 1e9, number + 1e9))
        mode = py_compile.PycInvalidationMode.TIMESTAMP
        py_compile.compile(str(source), doraise=True, invalidation_mode=mode)
    assert of_bytecode(shown(twins)) == {"transform-bytecode"}


def test_bytecode_of_another_source_is_no_path_transform(twins: tuple[Environment, Environment]) -> None:
    source = twins[1].site / "alpha/core.py"
    source.write_text(f"{source.read_text()}# the same code\n")
    for one in twins:
        bytecode(one)
    found = beside(*(one.snapshot() for one in twins))
    assert of_bytecode(found) == {"transform-bytecode"}


def test_notes_of_another_installer_are_a_transform(twins: tuple[Environment, Environment]) -> None:
    info = twins[1].site / "beta-2.0.dist-info"
    (info / "INSTALLER").write_text("another\n")
    (info / "REQUESTED").write_text("")
    paths = {path for one in of("transform-installer", shown(twins)) for path in one.paths}
    assert paths == {"site/beta-2.0.dist-info/INSTALLER", "site/beta-2.0.dist-info/REQUESTED"}


def started(twins: tuple[Environment, Environment], *functions: str) -> list[Finding]:
    """Install a script in both environments, by two installers that word the script differently.

    `functions` has the function that each script starts. Return the findings of a comparison.
    """
    for one, worded, function in zip(twins, ("", "# -*- coding: utf-8 -*-\n"), functions, strict=True):
        start = f"import sys\nfrom gamma import {function}\nif __name__ == '__main__':\n    sys.exit({function}())\n"
        one.add("gamma", files={"gamma.py": "", "../../../bin/gamma": f"#!{one.python}\n{worded}{start}"})
    (twins[1].site / "gamma-1.0.dist-info" / "INSTALLER").write_text("another\n")
    return beside(*(one.snapshot() for one in twins))


def test_a_script_of_another_installer_is_a_transform(twins: tuple[Environment, Environment]) -> None:
    found = started(twins, "main", "main")
    assert [one for one in found if one.severity is Severity.ERROR] == []
    paths = {path for one in of("transform-installer", found) for path in one.paths}
    info = "site/gamma-1.0.dist-info"
    assert paths == {"scripts/gamma", f"{info}/INSTALLER", f"{info}/RECORD"}


def test_a_script_of_another_function_is_no_transform(twins: tuple[Environment, Environment]) -> None:
    found = started(twins, "main", "other")
    assert {"scripts/gamma", "site/gamma-1.0.dist-info/RECORD"} == set(only("file-differs", found).paths)


def test_files_of_another_environment_maker_are_a_transform(twins: tuple[Environment, Environment]) -> None:
    scripts = twins[1].folder / "bin"
    (scripts / "activate").write_text("# made otherwise\n")
    (scripts / "activate.fish").unlink()
    (twins[1].folder / ".gitignore").write_text("*\n")
    paths = {path for one in of("transform-venv", shown(twins)) for path in one.paths}
    assert {"scripts/activate", "scripts/activate.fish", "data/.gitignore"} <= paths


@pytest.fixture
def extension(twins: tuple[Environment, Environment]) -> Path:
    """Install an extension module in both environments, and return its path in the second environment."""
    folder = Path(os.__file__).with_name("lib-dynload")
    module = next(iter(sorted(folder.glob("*.so"))), None)
    if module is None:
        pytest.skip(
            "the extension modules of this Python are built in; run the tests with a Python that has them as files"
        )
    for one in twins:
        one.add("native", files={f"native/{module.name}": module.read_bytes(), "native/__init__.py": ""})
    return twins[1].site / "native" / module.name


def test_a_patched_elf_file_is_a_transform(twins: tuple[Environment, Environment], extension: Path) -> None:
    # patchelf moves parts to the end of the file, and leaves code and constants in place. So the file gets longer.
    extension.write_bytes(extension.read_bytes() + bytes(4096))
    found = beside(*(one.snapshot() for one in twins))
    assert only("transform-elf", found).paths == (f"site/native/{extension.name}",)
    assert "file-differs" not in codes(found)


@pytest.mark.skipif(shutil.which("patchelf") is None, reason="no patchelf on PATH; install patchelf")
def test_patchelf_makes_an_elf_transform(twins: tuple[Environment, Environment], extension: Path) -> None:
    subprocess.run(["patchelf", "--set-rpath", "/nix/store/somewhere/lib" * 20, extension], check=True)
    found = beside(*(one.snapshot() for one in twins))
    assert only("transform-elf", found).paths == (f"site/native/{extension.name}",)


def test_different_machine_code_is_no_elf_transform(twins: tuple[Environment, Environment], extension: Path) -> None:
    data = bytearray(extension.read_bytes())
    data[len(data) // 2 - 4096 : len(data) // 2 + 4096] = os.urandom(8192)[: len(data)]
    extension.write_bytes(data)
    found = beside(*(one.snapshot() for one in twins))
    assert f"site/native/{extension.name}" in only("file-differs", found).paths
