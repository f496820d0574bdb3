"""Tests of acceptances: the findings that each acceptance covers, and acceptances that cover no finding.

An acceptance is an entry in pyproject.toml that accepts an error or a note (a finding) for a stated reason.
"""

from pathlib import Path

from judging import LOCK, LOOK, altered, of, project_of, put, saved

from envparity.judge.acceptance import Acceptance, accept
from envparity.judge.findings import Finding, finding
from envparity.judge.integrity.files import FILE_ALTERED
from envparity.judge.ownership import EDITABLE
from envparity.judge.registry import EVERY_RULE
from envparity.judge.resolution import LOCK_MISSING, UNLOCKED
from envparity.judge.rules import Severity
from envparity.judge.session import check_door, compare_doors


def accepted(one: Finding, *acceptances: tuple[str, str, str]) -> str | None:
    (found,) = accept([one], [Acceptance(*each) for each in acceptances])
    return found.accepted


def test_an_acceptance_needs_the_code_and_every_path() -> None:
    one = finding(FILE_ALTERED, "x", paths=["site/a.py", "site/b/c.py"], distributions=["alpha"])
    assert accepted(one, ("file-altered", "site/*", "known")) == "known"
    assert accepted(one, ("file-altered", "site/[ab]*.py", "known")) == "known"
    assert accepted(one, ("file-altered", "site/a.py", "one"), ("file-altered", "*/c.py", "two")) == "one; two"
    assert accepted(one, ("file-altered", "site/a.py", "one")) is None, "one of its paths is not accepted"
    assert accepted(one, ("file-missing", "*", "another code")) is None
    assert accepted(one, ("file-altered", "SITE/*", "another case")) is None
    assert accepted(one, ("file-altered", "alpha", "a distribution instead of a path")) is None
    assert accepted(one) is None


def test_a_finding_without_paths_is_accepted_by_distribution_or_code() -> None:
    one = finding(LOCK_MISSING, "x", distributions=["alpha"])
    assert accepted(one, ("lock-missing", "alpha", "known")) == "known"
    assert accepted(one, ("lock-missing", "beta", "known")) is None
    nothing = finding(UNLOCKED, "x")
    assert accepted(nothing, ("unlocked", "*", "known")) == "known"
    assert accepted(nothing, ("unlocked", "unlocked", "known")) == "known"


def test_any_text_is_a_valid_pattern() -> None:
    one = finding(FILE_ALTERED, "x", paths=["a" * 3000])
    for pattern in ("[", "[!", "[]", "**", "*?" * 200, "*a" * 60 + "b", "\\", "(", "[z-a]", ""):
        accepted(one, ("file-altered", pattern, "known"))  # a pattern that backtracks too much would hang here
    assert accepted(one, ("file-altered", "*?" * 200, "known")) == "known"


def test_only_an_error_that_is_not_accepted_fails() -> None:
    error, note = finding(FILE_ALTERED, "x", paths=["p"]), finding(EDITABLE, "x", paths=["p"])
    (accepted_error,) = accept([error], [Acceptance("file-altered", "p", "known")])
    assert [one.fails for one in (error, note, accepted_error)] == [True, False, False]
    assert accepted_error.severity is Severity.ERROR


def test_an_unused_acceptance_is_a_note(clean: bytes, tmp_path: Path) -> None:
    accept = (
        Acceptance("file-altered", "site/alpha/*", "used"),
        Acceptance("file-altered", "site/alhpa/*", "misspelt"),
        Acceptance("file-differs", "*", "made by comparing alone"),
        Acceptance("bytecode-altered", "*", "made with --bytecode alone"),
        Acceptance("behaviour-failed", "*", "made where behaviour is asked for alone"),
    )
    name = saved(tmp_path, "a", clean, altered)
    (unused,) = of(
        "acceptance-unused", check_door(project_of(tmp_path, accept=accept), name, None, LOOK, locked=True).findings
    )
    assert unused.message == (
        "expected a finding file-altered at site/alhpa/*, which pyproject.toml accepts (misspelt), found none"
    )
    assert (unused.severity, unused.paths, unused.doors) == (Severity.NOTE, ("site/alhpa/*",), ("a",))
    both = compare_doors(project_of(tmp_path, accept=accept), [name, f"b={name}"], None, LOOK, locked=True)
    assert [one.paths for one in of("acceptance-unused", both.findings)] == [("*",), ("site/alhpa/*",)]


def test_an_acceptance_is_unused_only_if_the_run_could_make_its_finding(clean: bytes, tmp_path: Path) -> None:
    name = saved(tmp_path, "a", clean)
    lock_codes = [code for code in EVERY_RULE if code.startswith("lock-") and code != "lock-artefact"]
    for code, with_lock in [*((code, True) for code in lock_codes), ("unlocked", False)]:
        project = project_of(tmp_path, accept=(Acceptance(code, "*nowhere*", "accepted"),))
        for locked in (True, False):
            found = check_door(project, name, None, LOOK, locked=locked).findings
            assert bool(of("acceptance-unused", found)) is (locked is with_lock), code


def test_a_lock_without_hashes_cannot_make_the_artefact_finding(clean: bytes, tmp_path: Path) -> None:
    project = project_of(tmp_path, accept=(Acceptance("lock-artefact", "*", "accepted"),))
    name = saved(tmp_path, "a", clean)
    for text, unused in ((LOCK, False), (LOCK.replace("1.0", f"1.0 --hash=sha256:{'a' * 64}"), True)):
        (tmp_path / "lock.txt").write_text(text)
        found = check_door(project.with_lock(tmp_path / "lock.txt"), name, None, LOOK, locked=True).findings
        assert bool(of("acceptance-unused", found)) is unused


def test_results_are_compared_only_if_every_door_ran_the_checks(clean: bytes, tmp_path: Path) -> None:
    asked = put(("behaviour",), {"it works": {"value": "1", "error": None}})
    project = project_of(tmp_path, accept=(Acceptance("behaviour-differs", "*", "accepted"),))
    one, two, other = (
        saved(tmp_path, "one", clean, asked),
        saved(tmp_path, "two", clean, asked),
        saved(tmp_path, "other", clean),
    )
    assert of("acceptance-unused", compare_doors(project, [one, two], None, LOOK, locked=True).findings)
    assert not of("acceptance-unused", compare_doors(project, [one, other], None, LOOK, locked=True).findings)
