"""Doors side by side: what follows from what was declared, what is shown as a transform, and what is one finding."""

import marshal
import os
import py_compile
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from environment_builder import Environment
from judging import Change, codes, edited, fill, of, only, subject

from envparity.judge.findings import Finding
from envparity.judge.judgement import compare
from envparity.judge.registry import EVERY_RULE
from envparity.judge.rules import Severity
from envparity.judge.subject import Subject
from envparity.project.config import Config, Tool
from envparity.project.locks import read_lock
from envparity.snapshot.types import Snapshot

OTHER = "f" * 64


def declaring(*tools: str) -> Config:
    """A project whose toolchain file says that doors may differ in these."""
    return Config(root=Path(), tools={name: Tool(name, None, f"why {name} may") for name in tools})


def beside(*snapshots: Snapshot, config: Config | None = None) -> list[Finding]:
    doors = ("here", "there", "elsewhere")
    return compare([subject(one, config=config, door=door) for one, door in zip(snapshots, doors, strict=False)])


def put(path: tuple[str, ...], value: object) -> Change:
    def change(document: dict[str, Any]) -> None:
        for step in path[:-1]:
            document = document[step]
        document[path[-1]] = value

    return change


# What the toolchain file declares


@pytest.mark.parametrize(
    ("tool", "code", "change"),
    [
        ("git", "toolchain-differs", put(("toolchain", "git"), "99.0")),
        ("compiler", "toolchain-differs", put(("toolchain", "compiler"), None)),
        ("python", "interpreter-patch", put(("interpreter", "version"), "3.11.99")),
    ],
)
def test_a_declared_difference_is_a_note_with_its_reason(tool: str, code: str, change: Change, clean: bytes) -> None:
    known = put(("toolchain", tool), "1.0") if tool != "python" else put(("interpreter", "version"), "3.11.0")
    here, there = edited(clean, known), edited(clean, known, change)
    undeclared = only(code, beside(here, there, config=declaring("other")))
    declared = only(code, beside(here, there, config=declaring(tool)))
    assert (undeclared.severity, declared.severity) == (Severity.ERROR, Severity.NOTE)
    assert declared.message == f"{undeclared.message}; declared: why {tool} may"


def test_libraries_may_differ_where_that_is_declared(clean: bytes) -> None:
    def library(file: str) -> Change:
        return put(("libraries",), {"libgmp.so.10": {"needed_by": ["site/alpha/core.py"], "file": file}})

    here, there = edited(clean, library("libgmp.so.10.4")), edited(clean, library("libgmp.so.10.5"))
    for config, severity in ((declaring("libraries"), Severity.NOTE), (declaring(), Severity.ERROR)):
        assert only("library-differs", beside(here, there, config=config)).severity is severity
    # A door where it was not found says so itself.
    assert beside(here, edited(clean)) == []


def test_another_series_is_always_an_error(clean: bytes) -> None:
    def older(document: dict[str, Any]) -> None:
        document["interpreter"]["version"] = "3.10.9"
        document["interpreter"]["markers"] |= {"python_version": "3.10", "python_full_version": "3.10.9"}

    found = beside(edited(clean), edited(clean, older), config=declaring("python"))
    assert codes(found) == {"interpreter-series"}
    assert found[0].severity is Severity.ERROR
    assert "there cpython 3.10 linux" in found[0].message


# Distributions


def patch_levels(clean: bytes, tmp_path: Path, config: Config, *, marker: str) -> list[Finding]:
    """Two doors that differ in the patch level of Python, and in a distribution that a marker asks for."""
    lock = tmp_path / "lock.txt"
    lock.write_text(f"alpha==1.0\nbeta==2.0\nasync-timeout==5.0.1 ; {marker}\n")

    def at(version: str) -> Change:
        def change(document: dict[str, Any]) -> None:
            document["interpreter"]["version"] = version
            document["interpreter"]["markers"]["python_full_version"] = version

        return change

    def more(document: dict[str, Any]) -> None:
        one = document["distributions"][0] | {"id": "async-timeout", "name": "async-timeout", "version": "5.0.1"}
        document["distributions"].append(one | {"metadata": "site/async_timeout-5.0.1.dist-info"})
        facts = {"size": 1, "sha256": OTHER, "claims": {"async-timeout": "match"}}
        document["files"] |= {f"site/async_timeout/{name}.py": facts for name in ("__init__", "a", "b")}

    return compare(
        [
            Subject("here", edited(clean, at("3.11.2"), more), config, "one", read_lock(lock)),
            Subject("there", edited(clean, at("3.11.15")), config, "one", read_lock(lock)),
        ]
    )


def test_what_a_marker_on_the_patch_level_brings_in_is_its_consequence(clean: bytes, tmp_path: Path) -> None:
    marker = "python_full_version < '3.11.3'"
    for config, severity in ((declaring("python"), Severity.NOTE), (declaring(), Severity.ERROR)):
        found = patch_levels(clean, tmp_path, config, marker=marker)
        assert codes(found) == {"interpreter-patch", "distribution-differs"}
        differs = only("distribution-differs", found)
        assert (differs.severity, differs.because) == (severity, "interpreter-patch")
        assert "found: here 5.0.1, there none; the lock asks for it where python_full_version" in differs.message
    # The files of a distribution that differs are no further finding.


def test_another_marker_explains_nothing(clean: bytes, tmp_path: Path) -> None:
    found = patch_levels(clean, tmp_path, declaring("python"), marker="python_full_version < '3.99'")
    differs = only("distribution-differs", found)
    assert (differs.severity, differs.because) == (Severity.ERROR, None)


def test_another_version_is_one_finding(tmp_path: Path) -> None:
    here, there = Environment(tmp_path / "here"), Environment(tmp_path / "there")
    here.add("many", "1.0", {f"many/m{number}.py": "a = 1\n" for number in range(30)} | {"many/__init__.py": ""})
    there.add("many", "2.0", {f"many/m{number}.py": "a = 2\n" for number in range(40)} | {"many/__init__.py": ""})
    found = [one for one in beside(here.snapshot(), there.snapshot()) if one.severity is Severity.ERROR]
    assert codes(found) == {"distribution-differs"}
    assert found[0].message == "expected many the same in each door, found: here 1.0, there 2.0"
    assert found[0].paths == ("site/many-1.0.dist-info", "site/many-2.0.dist-info")


def test_a_version_that_is_not_known_is_not_none_at_all(clean: bytes) -> None:
    def versionless(document: dict[str, Any]) -> None:
        del document["distributions"][0]["version"]

    def gone(document: dict[str, Any]) -> None:
        del document["distributions"][0]

    found = only("distribution-differs", beside(edited(clean), edited(clean, versionless), edited(clean, gone)))
    assert found.message.endswith("found: here 1.0, there unknown, elsewhere none")


# Builds


def built(sha256: str, settings: Mapping[str, str], *, machine_code: bool = True, claim: str = "match") -> Change:
    def change(document: dict[str, Any]) -> None:
        document["distributions"][0]["build"] = {"config_settings": dict(settings)}
        elf = {"elf": document["interpreter"]["elf"], "normal": sha256} if machine_code else {}
        document["files"]["site/alpha/core.py"] |= {"sha256": sha256, "claims": {"alpha": claim}, **elf}
        document["files"]["site/alpha-1.0.dist-info/RECORD"] |= {"sha256": sha256, "normal": sha256}

    return change


GCC12, GCC13 = {"compiler": "gcc 12", "cython": "3"}, {"compiler": "gcc 13", "cython": "3"}


def builds(clean: bytes, here: Change, there: Change, *declared: str) -> list[Finding]:
    return beside(edited(clean, here), edited(clean, there), config=declaring(*declared))


def test_another_compiler_makes_other_machine_code(clean: bytes) -> None:
    here, there = built("a" * 64, GCC12), built("b" * 64, GCC13)
    for declared, severity in ((["compiler"], Severity.NOTE), (["cython"], Severity.ERROR)):
        found = builds(clean, here, there, *declared)
        # RECORD differs as the file that it lists does: that is no further finding.
        assert codes(found) == {"built-elsewhere"}
        assert (found[0].severity, found[0].because) == (severity, "compiler")
        assert (found[0].paths, found[0].distributions) == (("site/alpha/core.py",), ("alpha",))


def test_the_same_tools_should_make_the_same_bytes(clean: bytes) -> None:
    found = builds(clean, built("a" * 64, GCC12), built("b" * 64, GCC12), "compiler")
    assert codes(found) == {"built-differs"}
    assert found[0].severity is Severity.ERROR


def test_a_compiler_explains_no_other_python_and_no_altered_file(clean: bytes) -> None:
    for options in ({"machine_code": False}, {"claim": f"sha256:{OTHER}"}):
        found = builds(clean, built("a" * 64, GCC12), built("b" * 64, GCC13, **options), "compiler")
        assert "file-differs" in codes(found)
        assert "built-elsewhere" not in codes(found)


# Transforms, on real environments


@pytest.fixture
def twins(tmp_path: Path) -> tuple[Environment, Environment]:
    """Two environments of the same distributions, at paths of their own."""
    return fill(Environment(tmp_path / "one")), fill(Environment(tmp_path / "another" / "place"))


def shown(twins: tuple[Environment, Environment]) -> list[Finding]:
    found = beside(*(one.snapshot() for one in twins))
    assert [one for one in found if one.severity is Severity.ERROR] == []
    return found


def test_another_path_is_shown_as_one(twins: tuple[Environment, Environment]) -> None:
    found = shown(twins)
    assert {EVERY_RULE[one.code].family for one in found} == {"transform"}
    paths = {path for one in of("transform-path", found) for path in one.paths}
    assert {"scripts/alpha", "site/alpha-1.0.dist-info/RECORD"} <= paths
    assert not paths & {"site/alpha/core.py", "site/beta-2.0.dist-info/RECORD"}


def test_another_script_is_no_other_path(twins: tuple[Environment, Environment]) -> None:
    script = twins[1].folder / "bin" / "alpha"
    script.write_text(f"#!{twins[1].python}\nimport os\n")
    found = beside(*(one.snapshot() for one in twins))
    assert "scripts/alpha" in only("file-differs", found).paths


def test_bytecode_in_one_door_only_is_shown(twins: tuple[Environment, Environment]) -> None:
    py_compile.compile(str(twins[1].site / "alpha/core.py"), doraise=True)
    found = only("transform-bytecode", shown(twins))
    assert [path.rpartition("/")[0] for path in found.paths] == ["site/alpha/__pycache__"]


def test_bytecode_of_another_mode_is_shown(twins: tuple[Environment, Environment]) -> None:
    for one, mode in zip(twins, ("CHECKED_HASH", "UNCHECKED_HASH"), strict=True):
        source = str(one.site / "alpha/core.py")
        py_compile.compile(source, doraise=True, invalidation_mode=getattr(py_compile.PycInvalidationMode, mode))
    assert only("transform-bytecode", shown(twins)).message.startswith("site/alpha/__pycache__/core.")


HASHED = py_compile.PycInvalidationMode.CHECKED_HASH


def bytecode(one: Environment, *, shown: str | None = None) -> Path:
    """The bytecode of a module, checked by its source's hash, compiled under a file name that is `shown`."""
    source = str(one.site / "alpha/core.py")
    return Path(str(py_compile.compile(source, dfile=shown, doraise=True, invalidation_mode=HASHED)))


def of_bytecode(found: list[Finding]) -> set[str]:
    return {one.code for one in found if any(path.endswith(".pyc") for path in one.paths)}


@pytest.mark.parametrize("folder", ["x", "l" * 60, "l" * 300])
def test_bytecode_of_another_path_is_shown_as_one(twins: tuple[Environment, Environment], folder: str) -> None:
    one, other = bytecode(twins[0]), bytecode(twins[1], shown=f"/{folder}/alpha/core.py")
    assert one.stat().st_size != other.stat().st_size
    assert of_bytecode(shown(twins)) == {"transform-path"}


def test_altered_bytecode_is_no_other_path(twins: tuple[Environment, Environment]) -> None:
    paths = bytecode(twins[0]), bytecode(twins[1], shown="/x/alpha/core.py")
    heads = [path.read_bytes()[:16] for path in paths]
    codes = [marshal.loads(path.read_bytes()[16:]) for path in paths]  # noqa: S302 - compiled above

    def written(code: CodeType) -> set[str]:
        for path, head, one in zip(paths, heads, (codes[0], code), strict=True):
            path.write_bytes(
                head + marshal.dumps(one, 2)
            )  # without references, which tell of the process that wrote it
        return of_bytecode(shown(twins))

    other = codes[1]
    assert written(other) == {"transform-path"}
    for changed in (
        other.replace(co_firstlineno=9),
        other.replace(co_consts=(*other.co_consts, "/x/alpha/core.py")),
        other.replace(co_name="core.py"),
    ):
        assert written(changed) == {"transform-bytecode"}


def test_bytecode_with_a_time_differs_in_that_too(twins: tuple[Environment, Environment]) -> None:
    for number, one in enumerate(twins):
        source = one.site / "alpha/core.py"
        os.utime(source, (number + 1e9, number + 1e9))
        mode = py_compile.PycInvalidationMode.TIMESTAMP
        py_compile.compile(str(source), doraise=True, invalidation_mode=mode)
    assert of_bytecode(shown(twins)) == {"transform-bytecode"}


def test_bytecode_of_another_source_is_no_other_path(twins: tuple[Environment, Environment]) -> None:
    source = twins[1].site / "alpha/core.py"
    source.write_text(f"{source.read_text()}# the same code\n")
    for one in twins:
        bytecode(one)
    found = beside(*(one.snapshot() for one in twins))
    assert of_bytecode(found) == {"transform-bytecode"}


def test_another_installer_is_shown(twins: tuple[Environment, Environment]) -> None:
    info = twins[1].site / "beta-2.0.dist-info"
    (info / "INSTALLER").write_text("another\n")
    (info / "REQUESTED").write_text("")
    paths = {path for one in of("transform-installer", shown(twins)) for path in one.paths}
    assert paths == {"site/beta-2.0.dist-info/INSTALLER", "site/beta-2.0.dist-info/REQUESTED"}


def started(twins: tuple[Environment, Environment], *functions: str) -> list[Finding]:
    """The second environment's installer words the script that starts a distribution's function in its own way."""
    for one, worded, function in zip(twins, ("", "# -*- coding: utf-8 -*-\n"), functions, strict=True):
        start = f"import sys\nfrom gamma import {function}\nif __name__ == '__main__':\n    sys.exit({function}())\n"
        one.add("gamma", files={"gamma.py": "", "../../../bin/gamma": f"#!{one.python}\n{worded}{start}"})
    (twins[1].site / "gamma-1.0.dist-info" / "INSTALLER").write_text("another\n")
    return beside(*(one.snapshot() for one in twins))


def test_a_script_in_another_installers_words_is_shown(twins: tuple[Environment, Environment]) -> None:
    found = started(twins, "main", "main")
    assert [one for one in found if one.severity is Severity.ERROR] == []
    paths = {path for one in of("transform-installer", found) for path in one.paths}
    info = "site/gamma-1.0.dist-info"
    assert paths == {"scripts/gamma", f"{info}/INSTALLER", f"{info}/RECORD"}


def test_another_function_is_more_than_words(twins: tuple[Environment, Environment]) -> None:
    found = started(twins, "main", "other")
    assert {"scripts/gamma", "site/gamma-1.0.dist-info/RECORD"} == set(only("file-differs", found).paths)


def test_another_maker_of_environments_is_shown(twins: tuple[Environment, Environment]) -> None:
    scripts = twins[1].folder / "bin"
    (scripts / "activate").write_text("# made otherwise\n")
    (scripts / "activate.fish").unlink()
    (twins[1].folder / ".gitignore").write_text("*\n")
    paths = {path for one in of("transform-venv", shown(twins)) for path in one.paths}
    assert {"scripts/activate", "scripts/activate.fish", "data/.gitignore"} <= paths


@pytest.fixture
def extension(twins: tuple[Environment, Environment]) -> Path:
    """An extension module in both environments; its path in the second."""
    folder = Path(os.__file__).with_name("lib-dynload")
    module = next(iter(sorted(folder.glob("*.so"))), None)
    if module is None:
        pytest.skip("this Python has no extension module of its own in a file")
    for one in twins:
        one.add("native", files={f"native/{module.name}": module.read_bytes(), "native/__init__.py": ""})
    return twins[1].site / "native" / module.name


def test_a_patched_elf_file_is_shown(twins: tuple[Environment, Environment], extension: Path) -> None:
    # As patchelf does: what it moves goes to the end, and code and constants stay.
    extension.write_bytes(extension.read_bytes() + bytes(4096))
    found = beside(*(one.snapshot() for one in twins))
    assert only("transform-elf", found).paths == (f"site/native/{extension.name}",)
    assert "file-differs" not in codes(found)


@pytest.mark.skipif(shutil.which("patchelf") is None, reason="no patchelf on this machine")
def test_patchelf_itself(twins: tuple[Environment, Environment], extension: Path) -> None:
    subprocess.run(["patchelf", "--set-rpath", "/nix/store/somewhere/lib" * 20, extension], check=True)
    found = beside(*(one.snapshot() for one in twins))
    assert only("transform-elf", found).paths == (f"site/native/{extension.name}",)


def test_other_machine_code_is_no_patch(twins: tuple[Environment, Environment], extension: Path) -> None:
    data = bytearray(extension.read_bytes())
    data[len(data) // 2 - 4096 : len(data) // 2 + 4096] = os.urandom(8192)[: len(data)]
    extension.write_bytes(data)
    found = beside(*(one.snapshot() for one in twins))
    assert f"site/native/{extension.name}" in only("file-differs", found).paths


# Three doors


def test_which_doors_part(clean: bytes) -> None:
    core = ("files", "site/alpha/core.py")
    changed = edited(clean, put((*core, "sha256"), OTHER))
    found = only("file-differs", beside(edited(clean), changed, edited(clean)))
    assert found.message == "alpha: site/alpha/core.py: other bytes: here and elsewhere | there"
    assert found.details[0].startswith("site/alpha/core.py: here and elsewhere ")
    assert found.details[0].endswith(", there ffffffffffff")
    assert found.doors == ("here", "there", "elsewhere")


def test_a_file_in_the_last_door_only(clean: bytes) -> None:
    extra = edited(
        clean, put(("files", "site/alpha/more.py"), {"size": 1, "sha256": OTHER, "claims": {"alpha": "match"}})
    )
    found = only("file-only-in", beside(edited(clean), edited(clean), extra))
    assert found.message == "alpha: site/alpha/more.py: not in each door: here and there | elsewhere"


def test_what_its_own_door_says_is_said_once(clean: bytes) -> None:
    gone = edited(clean, put(("files", "site/alpha/core.py"), {"kind": "missing", "claims": {"alpha": "missing"}}))
    unread = edited(clean, put(("files", "site/alpha/core.py", "error"), "Permission denied"))
    assert beside(edited(clean), gone) == beside(gone, edited(clean)) == beside(edited(clean), unread) == []


def test_a_door_that_was_not_asked_has_no_other_behaviour(clean: bytes) -> None:
    def asked(**results: dict[str, str]) -> Snapshot:
        return edited(clean, put(("behaviour",), results))

    four, five, failed = asked(sum={"value": "4"}), asked(sum={"value": "5"}), asked(sum={"error": "x"})
    assert beside(four, edited(clean)) == beside(four, four) == []
    assert only("behaviour-differs", beside(four, five)).message.endswith("found: here 4, there 5")
    assert only("behaviour-differs", beside(four, failed)).message.endswith("found: here 4, there error x")
    said = {one.message for one in of("behaviour-differs", beside(four, asked(other={"value": "1"})))}
    assert "sum: expected one result in each door, found: here 4, there not asked" in said


def test_links_and_modes_and_kinds(clean: bytes) -> None:
    core = ("files", "site/alpha/core.py")
    linked = edited(clean, put((*core, "kind"), "link"))
    assert codes(beside(edited(clean), linked)) == {"file-differs"}
    mode = only("mode-differs", beside(edited(clean), edited(clean, put((*core, "mode"), "555"))))
    assert mode.details == ("site/alpha/core.py: here 444, there 555",)
