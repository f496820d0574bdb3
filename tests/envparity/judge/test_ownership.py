"""Tests of findings (errors and notes) about paths in several RECORDs, and import names of several distributions."""

import pytest
from environment_builder import Environment
from judging import codes, only, subject

from envparity.judge.findings import Finding
from envparity.judge.judgement import check as check_all
from envparity.judge.ownership import check, is_contested
from envparity.judge.rules import Severity
from envparity.judge.subject import winner
from envparity.snapshot.types import File

ONE = {"shared/__init__.py": "a = 1\n", "shared/core.py": "b = 1\n"}
TWO = {"shared/__init__.py": "a = 2\n", "shared/core.py": "b = 2\n"}


def judge(environment: Environment) -> list[Finding]:
    return list(check(subject(environment.snapshot())))


def test_the_distribution_installed_last_wins_each_path(empty: Environment) -> None:
    empty.add("first", files=ONE)
    empty.add("second", files=TWO)
    found = judge(empty)
    assert codes(found) == {"path-contested", "name-shared"}
    contested = only("path-contested", found)
    assert contested.paths == ("site/shared/__init__.py", "site/shared/core.py")
    assert contested.details == (
        "site/shared/__init__.py: the bytes of second 1.0",
        "site/shared/core.py: the bytes of second 1.0",
    )


def test_a_package_with_bytes_of_both_distributions_is_torn(empty: Environment) -> None:
    empty.add("first", files=ONE)
    empty.add("second", files=TWO)
    (empty.site / "shared/core.py").write_text("b = 1\n")
    torn = only("package-torn", judge(empty))
    assert torn.severity is Severity.ERROR
    assert "site/shared/core.py from first 1.0; site/shared/__init__.py from second 1.0" in torn.message


def test_bytes_of_no_distribution_do_not_tear_a_package(empty: Environment) -> None:
    empty.add("first", files=ONE)
    empty.add("second", files=TWO)
    (empty.site / "shared/core.py").write_text("b = 3\n")
    found = judge(empty)
    assert "package-torn" not in codes(found)
    assert "site/shared/core.py: the bytes of no distribution" in only("path-contested", found).details


def test_identical_files_are_no_finding(empty: Environment) -> None:
    for name in ("first", "second", "third"):
        empty.add(name, files={"shared/__init__.py": "", f"shared/{name}.py": "", "LICENSE": "same\n"})
    assert judge(empty) == []


def test_one_contest_is_one_finding_in_any_number_of_folders(empty: Environment) -> None:
    names = [f"shared{number}/core.py" for number in range(13)]
    empty.add("first", files=dict.fromkeys(names, "one = 1\n"))
    empty.add("second", files=dict.fromkeys(names, "two = 2\n"))
    assert len(only("path-contested", judge(empty)).paths) == 13


def test_a_contest_of_three_names_all_of_them(empty: Environment) -> None:
    for name in ("first", "second", "third"):
        empty.add(name, files={"shared/core.py": f"{name} = 1\n"})
    message = only("path-contested", judge(empty)).message
    assert message.startswith("first 1.0, second 1.0 and third 1.0 claim site/shared/core.py with different bytes")


def test_the_winner_is_the_distribution_whose_record_matches() -> None:
    def file(**claims: str) -> File:
        return File(claims=claims)

    assert winner(file(a="match", b="sha256:00")) == ("a",)
    assert winner(file(a="sha256:11", b="sha256:00")) == ()
    assert is_contested(file(a="match", b="sha256:00"))
    assert not is_contested(file(a="sha256:00"))
    assert not is_contested(file(a="match", b="match"))
    assert not is_contested(file(a="match", b="unhashed"))
    assert not is_contested(file(a="sha256:00", b="sha256:00")), "both want the same bytes, which were altered"


def test_the_details_name_every_contested_path(empty: Environment) -> None:
    names = [f"shared/{letter}.py" for letter in "abcde"]
    empty.add("first", files=dict.fromkeys(names, "one = 1\n"))
    empty.add("second", files=dict.fromkeys(names, "two = 2\n"))
    (empty.site / names[4]).write_text("nobody = 0\n")
    (empty.site / names[0]).write_text("one = 1\n")
    found = judge(empty)
    contested = only("path-contested", found)
    # The message counts the paths of each winner; the details name all of them.
    assert contested.message == (
        "first 1.0 and second 1.0 claim site/shared/a.py, site/shared/b.py, site/shared/c.py and 2 more with different "
        "bytes; 3 files have the bytes of second 1.0, 1 file has the bytes of first 1.0, 1 file has the bytes of no "
        "distribution"
    )
    assert contested.details[4] == "site/shared/e.py: the bytes of no distribution"
    torn = only("package-torn", found)
    assert torn.message == (
        "site/shared is put together from first 1.0 and second 1.0: site/shared/a.py from first 1.0; "
        "site/shared/b.py, site/shared/c.py, site/shared/d.py from second 1.0"
    )
    assert torn.paths == contested.paths == tuple(f"site/{name}" for name in names)
    assert torn.details == contested.details
    assert torn.doors == contested.doors == ("here",)


def test_documents_at_the_top_that_several_distributions_bring_are_no_finding(empty: Environment) -> None:
    names = ("CHANGELOG.md", "LICENSE", "README.rst", "license_notice.txt", "CONTRIBUTING")
    for owner in ("first", "second", "third"):
        empty.add(owner, files={f"{owner}.py": "", **{name: f"{name} of {owner}\n" for name in names}})
    assert [one for one in check_all(subject(empty.snapshot())) if one.code != "unlocked"] == []


def test_documents_and_tests_that_several_distributions_install_at_the_top_are_a_note(empty: Environment) -> None:
    """For example, the wheels of eth_abi, eth-rlp and hexbytes install the folder docs."""
    for name in ("first", "second"):
        empty.add(name, files={"docs/conf.py": f"project = {name!r}\n", "tests/__init__.py": f"# {name}\n"})
    (empty.site / "tests/__init__.py").write_text("# first\n")
    found = judge(empty)
    assert only("path-contested", found).severity is Severity.NOTE
    assert codes(found) == {"path-contested", "top-level-squatter"}


@pytest.mark.parametrize(
    "path", ["readme.py", "license/data.txt", "utils/tests/a.py", "shared/LICENSE", "changelog.pth", "data.json"]
)
def test_other_paths_that_several_distributions_bring_are_an_error(path: str, empty: Environment) -> None:
    for owner in ("first", "second"):
        empty.add(owner, files={path: f"# of {owner}\n"})
    assert only("path-contested", judge(empty)).severity is Severity.ERROR


def test_the_message_about_six_claimants_does_not_say_both(empty: Environment) -> None:
    for number in range(6):
        empty.add(f"dist-{number}", files={"shared/__init__.py": f"a = {number}\n"})
    found = judge(empty)
    contested = only("path-contested", found)
    assert contested.message.startswith("dist-0 1.0, dist-1 1.0, dist-2 1.0 and 3 more claim site/shared/__init__.py ")
    assert len(contested.distributions) == 6
    shared = only("name-shared", found)
    assert shared.message == "the package shared has files of dist-0 1.0, dist-1 1.0, dist-2 1.0 and 3 more"
