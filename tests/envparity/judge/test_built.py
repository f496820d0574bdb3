"""Tests of findings (errors and notes) about extension modules and the shared libraries that they need.

An extension module must be for the environment's interpreter and machine. Equal tools must build equal bytes.
"""

import os
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from environment_builder import Environment
from judging import OTHER, Change, beside, codes, declaring, edited, of, only, put, subject

from envparity.judge.built import check
from envparity.judge.findings import Finding
from envparity.judge.rules import Severity

TAG = sysconfig.get_config_var("EXT_SUFFIX")


@pytest.fixture
def module() -> bytes:
    """Return the bytes of an extension module of this Python. Skip the test if Python has no such file."""
    found = next(iter(sorted(Path(os.__file__).with_name("lib-dynload").glob("*.so"))), None)
    if found is None:
        pytest.skip(
            "the extension modules of this Python are built in; run the tests with a Python that has them as files"
        )
    return found.read_bytes()


def test_a_module_for_this_python_is_no_finding(empty: Environment, module: bytes) -> None:
    empty.add("native", files={f"native{TAG}": module, "other.abi3.so": module, "plain.so": module})
    assert list(check(subject(empty.snapshot()))) == []


@pytest.mark.parametrize("name", ["native.cpython-27-x86_64-linux-gnu.so", "native.pypy39-pp73-x86_64-linux-gnu.so"])
def test_a_module_tagged_for_another_python_is_an_error(name: str, empty: Environment, module: bytes) -> None:
    empty.add("native", files={name: module})
    found = only("extension-foreign", check(subject(empty.snapshot())))
    assert (found.severity, found.paths, found.distributions) == (Severity.ERROR, (f"site/{name}",), ("native",))
    # The module for another Python does no harm next to a module for this Python.
    empty.add("more", files={f"native{TAG}": module})
    assert list(check(subject(empty.snapshot()))) == []


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "missing"},  # a missing file cannot be for another machine
        {"path": "data/native.cpython-27-x86_64-linux-gnu.so"},  # Python imports no module from the folder `data`
        {"path": "site/native.cpython-27.txt"},
    ],
)
def test_files_that_are_no_extension_modules_are_ignored(change: dict[str, str], clean: bytes) -> None:
    path = change.get("path", "site/native.cpython-27-x86_64-linux-gnu.so")
    file = {"kind": change.get("kind", "file"), "claims": {"alpha": "match"}, "elf": "32-bit machine 3"}
    assert list(check(subject(edited(clean, lambda one: one["files"].update({path: file}))))) == []


def test_a_foreign_module_next_to_a_missing_one_is_reported(clean: bytes) -> None:
    files = {
        "site/native.cpython-27-x86_64-linux-gnu.so": {"kind": "file", "claims": {"alpha": "match"}},
        f"site/native{TAG}": {"kind": "missing", "claims": {"alpha": "missing"}},
    }
    only("extension-foreign", check(subject(edited(clean, lambda one: one["files"].update(files)))))


def test_the_message_says_which_module_was_expected(clean: bytes) -> None:
    def change(document: dict[str, Any]) -> None:
        document["files"]["site/native.pypy39-pp73.pyd"] = {"kind": "file", "claims": {"beta": "match", "alpha": "x"}}
        document["interpreter"] |= {"abi": None, "cache_tag": "other-1", "elf": None, "platform": "some-machine"}

    found = only("extension-foreign", check(subject(edited(clean, change))))
    assert found.message == (
        "site/native.pypy39-pp73.pyd is tagged pypy39-pp73, expected an extension module for other-1 on some-machine"
    )
    assert found.distributions == ("alpha", "beta")

    def named(document: dict[str, Any]) -> None:
        change(document)
        document["interpreter"] |= {"abi": "cp311-own", "elf": "64-bit machine 62"}

    message = only("extension-foreign", check(subject(edited(clean, named)))).message
    assert message.endswith("expected an extension module for cp311-own on x86_64")


def test_a_module_for_another_machine_is_an_error(empty: Environment, module: bytes) -> None:
    data = bytearray(module)
    data[18], machine = (243, "riscv64") if data[18] != 243 else (62, "x86_64")
    empty.add("native", files={f"native{TAG}": bytes(data)})
    message = only("extension-foreign", check(subject(empty.snapshot()))).message
    assert f"is an ELF file for {machine}, expected" in message


def test_a_wheel_with_libraries_for_several_machines_is_no_finding(empty: Environment, module: bytes) -> None:
    data = bytearray(module)
    data[18] = 243 if data[18] != 243 else 62
    libraries = {"x86_64": module, "riscv": bytes(data)}
    empty.add("armor", files={f"armor/platforms/{name}/_armor.so": text for name, text in libraries.items()})
    assert list(check(subject(empty.snapshot()))) == []
    # Somebody replaced the library for this machine.
    (empty.site / "armor/platforms/x86_64/_armor.so").write_bytes(bytes(data))
    assert {path for one in check(subject(empty.snapshot())) for path in one.paths} >= {
        "site/armor/platforms/x86_64/_armor.so"
    }


@pytest.mark.parametrize("data", [b"\x7fELF", b"\x7fELF" + b"\xff" * 100, b"\x7fELF\x02\x01" + b"\0" * 12])
def test_a_malformed_elf_file_gives_only_this_finding(data: bytes, empty: Environment) -> None:
    empty.add("native", files={f"native{TAG}": data})
    assert codes(check(subject(empty.snapshot()))) <= {"extension-foreign"}


def test_a_missing_library_is_a_note(empty: Environment, module: bytes) -> None:
    if b"libc.so.6\0" not in module:
        pytest.skip("the extension modules of this Python do not name libc.so.6; run on Linux with glibc")
    empty.add("native", files={f"native{TAG}": module.replace(b"libc.so.6\0", b"libq.so.6\0")})
    found = only("library-missing", check(subject(empty.snapshot())))
    assert found.message == "native 1.0: expected libq.so.6 in the environment or on the system, found none"
    assert (found.paths, found.distributions) == ((f"site/native{TAG}",), ("native",))
    assert found.severity is Severity.NOTE


def test_many_missing_libraries_of_one_distribution_are_one_finding(clean: bytes) -> None:
    libraries = {f"libQt6Part{number:02}.so.6": {"needed_by": ["site/alpha/core.py"]} for number in range(54)}
    found = only("library-missing", check(subject(edited(clean, put(("libraries",), libraries)))))
    assert found.message == (
        "alpha 1.0: expected 54 libraries (libQt6Part00.so.6, libQt6Part01.so.6, libQt6Part02.so.6 and 51 more) in the "
        "environment or on the system, found none"
    )
    assert len(found.details) == 54
    assert found.distributions == ("alpha",)


def test_a_library_that_several_distributions_need_is_missing_once(clean: bytes) -> None:
    libraries = {
        "libstdc++.so.6": {"needed_by": ["site/alpha/core.py", "site/beta.py"]},
        "liba.so.1": {"needed_by": ["site/alpha/core.py"]},
        "libb.so.1": {"needed_by": ["site/beta.py"]},
        "libnobody.so.1": {"needed_by": ["site/stray.so"]},
    }
    found = of("library-missing", check(subject(edited(clean, put(("libraries",), libraries)))))
    assert sorted((one.distributions, len(one.details)) for one in found) == [((), 1), (("alpha", "beta"), 3)]


def test_a_library_in_the_environment_is_not_missing(clean: bytes) -> None:
    libraries = {"a.so": {"needed_by": ["x"], "inside": "site/a.so"}, "b.so": {"needed_by": ["x"], "file": "b.so.1"}}
    assert of("library-missing", check(subject(edited(clean, lambda one: one.update(libraries=libraries))))) == []


def test_libraries_may_differ_where_that_is_declared(clean: bytes) -> None:
    def library(file: str) -> Change:
        return put(("libraries",), {"libgmp.so.10": {"needed_by": ["site/alpha/core.py"], "file": file}})

    here, there = edited(clean, library("libgmp.so.10.4")), edited(clean, library("libgmp.so.10.5"))
    for config, severity in ((declaring("libraries"), Severity.NOTE), (declaring(), Severity.ERROR)):
        assert only("library-differs", beside(here, there, config=config)).severity is severity
    # The second environment lacks the library. `check` already reports that, so `compare` does not.
    assert beside(here, edited(clean)) == []


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


def test_another_compiler_explains_different_machine_code(clean: bytes) -> None:
    here, there = built("a" * 64, GCC12), built("b" * 64, GCC13)
    for declared, severity in ((["compiler"], Severity.NOTE), (["cython"], Severity.ERROR)):
        found = builds(clean, here, there, *declared)
        # RECORD differs only because it lists the hash of the file that differs. So RECORD gives no finding.
        assert codes(found) == {"built-elsewhere"}
        assert (found[0].severity, found[0].because) == (severity, "compiler")
        assert (found[0].paths, found[0].distributions) == (("site/alpha/core.py",), ("alpha",))


def test_the_same_tools_should_make_the_same_bytes(clean: bytes) -> None:
    found = builds(clean, built("a" * 64, GCC12), built("b" * 64, GCC12), "compiler")
    assert codes(found) == {"built-differs"}
    assert found[0].severity is Severity.ERROR


def test_a_compiler_does_not_explain_python_files_or_altered_files(clean: bytes) -> None:
    for options in ({"machine_code": False}, {"claim": f"sha256:{OTHER}"}):
        found = builds(clean, built("a" * 64, GCC12), built("b" * 64, GCC13, **options), "compiler")
        assert "file-differs" in codes(found)
        assert "built-elsewhere" not in codes(found)
