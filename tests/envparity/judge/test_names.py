"""Tests of the findings about import names: hidden ones, shared packages and names that any project may use."""

from typing import Any

import pytest
from environment_builder import Environment
from judging import codes, edited, lock_of, of, only, put, subject

from envparity.judge.findings import Finding
from envparity.judge.ownership import check
from envparity.judge.rules import Severity

ONE = {"shared/__init__.py": "", "shared/core.py": "one = 1\n"}


def judge(environment: Environment) -> list[Finding]:
    return list(check(subject(environment.snapshot())))


def test_namespaces_are_no_finding(empty: Environment) -> None:
    empty.add("first", files={"space/one/__init__.py": ""})
    empty.add("second", files={"space/two.py": ""})
    assert judge(empty) == []


def test_files_of_a_second_distribution_in_a_package_are_a_note(empty: Environment) -> None:
    empty.add("first", files=ONE)
    empty.add("second", files={"shared/more.py": ""})
    assert only("name-shared", judge(empty)).severity is Severity.NOTE


def test_two_modules_of_one_name_are_an_error(empty: Environment) -> None:
    empty.add("first", files={"thing/__init__.py": ""})
    empty.add("second", files={"thing.py": ""})
    shadowed = only("name-shadowed", judge(empty))
    assert shadowed.severity is Severity.ERROR
    assert shadowed.message == (
        "thing is site/thing (package of first 1.0) and site/thing.py (module of second 1.0): "
        "only one of them is imported"
    )


def test_a_backport_that_something_asks_for_is_a_note(empty: Environment) -> None:
    empty.add("dataclasses", files={"dataclasses.py": ""})
    assert only("name-shadowed", judge(empty)).severity is Severity.ERROR
    pinned = check(subject(empty.snapshot(), lock_of(empty, "dataclasses==1.0\n")))
    assert only("name-shadowed", pinned).severity is Severity.NOTE
    empty.add("first", requires=["dataclasses"])
    assert only("name-shadowed", judge(empty)).severity is Severity.NOTE


def test_a_shadowed_common_name_is_one_error(empty: Environment) -> None:
    empty.add("first", files={"tests/__init__.py": ""})
    assert codes(judge(empty)) == {"top-level-squatter"}
    (empty.site / "tests.py").write_text("")
    assert codes(judge(empty)) == {"name-shadowed"}


def test_every_common_name_is_reported(empty: Environment) -> None:
    for name in ("first", "second"):
        empty.add(name, files={f"Docs/{name}.py": "", f"scripts/{name}.txt": ""})
    found = of("top-level-squatter", judge(empty))
    assert [(one.distributions, one.paths) for one in found] == [
        ((name,), ("site/Docs", "site/scripts")) for name in ("first", "second")
    ]
    assert found[0].message == "first 1.0 installs site/Docs and site/scripts, names that any project may use"


def test_a_common_name_that_is_also_the_name_of_its_distribution_is_no_finding(empty: Environment) -> None:
    empty.add("Build", files={"build/__init__.py": ""})
    empty.add("example", files={"example.py": ""})
    assert judge(empty) == []


@pytest.mark.parametrize(("managed", "whose"), [(["site"], "the system"), (["site-2"], "no distribution")])
def test_a_shadowing_module_of_no_distribution_is_reported(managed: list[str], whose: str, empty: Environment) -> None:
    (empty.site / "json.py").write_text("")

    change = put(("interpreter", "managed_sites"), managed)
    found = only("name-shadowed", check(subject(edited(empty.snapshot_bytes(), change))))
    assert found.message == f"site/json.py (module of {whose}) has the name of Python's own module json"
    assert (found.paths, found.distributions, found.doors) == (("site/json.py",), (), ("here",))


def test_a_name_in_two_sites_is_a_note(empty: Environment) -> None:
    def change(document: dict[str, Any]) -> None:
        places = [{"path": f"{site}/thing.py", "kind": "module", "providers": []} for site in ("site", "site-2")]
        places[0]["providers"] = ["first"]
        document["names"]["thing"] = {"places": places}

    empty.add("first", files={"thing.py": ""})
    found = only("name-shadowed", check(subject(edited(empty.snapshot_bytes(), change))))
    assert (found.severity, found.distributions) == (Severity.NOTE, ("first",))
    assert found.paths == ("site/thing.py", "site-2/thing.py")


def test_names_that_clash_without_case_are_one_note_for_the_outermost_folder(empty: Environment) -> None:
    empty.add("pycrypto", files={"Crypto/__init__.py": "", "Crypto/Hash/one.py": "", "Crypto/lower.py": ""})
    empty.add("crypto", files={"crypto/__init__.py": "", "crypto/hash/one.py": "", "crypto/Lower.py": ""})
    empty.add("data", files={"data_files/a/License": "", "data_files/a/LICENSE": "", "data_files/b/license": ""})
    found = of("case-clash", judge(empty))
    assert [one.severity for one in found] == [Severity.NOTE, Severity.NOTE]
    assert [one.message for one in found] == [
        "site/Crypto and site/crypto (crypto 1.0 and pycrypto 1.0) differ only in upper and lower case",
        "site/data_files/a/LICENSE and site/data_files/a/License (data 1.0) differ only in upper and lower case",
    ]


def test_a_name_is_no_clash_in_another_folder_or_if_its_file_is_missing(empty: Environment) -> None:
    empty.add("one", files={"one/a.py": "", "two/A.py": "", "one/B.py": "", "one/b.py": ""})
    (empty.site / "one" / "b.py").unlink()
    assert of("case-clash", judge(empty)) == []


def test_scripts_and_data_that_pip_moved_into_a_target_folder_are_no_finding(empty: Environment) -> None:
    moved = {"../../bin/alpha": "bin/alpha", "../../share/man/alpha.1": "share/man/alpha.1"}
    info = empty.add("alpha", files=dict.fromkeys(moved.values(), "text\n") | {"alpha.py": ""})
    record = info / "RECORD"
    for row, path in moved.items():
        record.write_text(record.read_text().replace(f"{path},", f"{row},"))
    assert judge(empty) == []
    empty.add("beta", files={"bin/beta.py": ""})
    assert codes(judge(empty)) == {"top-level-squatter"}
