"""Tests of environments that also use the site folder of their base Python: what they find there is not their own."""

from pathlib import Path

import pytest
from environment_builder import Environment
from judging import codes, lock_of, of, only, subject
from over_base import Base

from envparity.judge.findings import Finding
from envparity.judge.judgement import check
from envparity.judge.rules import Severity

PINNED = "own==1.0\n"
HOOK = "import alpha_hook\n"


@pytest.fixture(params=[False, True], ids=["pip's", "the system's"])
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Base:
    """Return an installation of Python: pip owns its site folder, or the system's package manager does."""
    return Base(tmp_path / "base", managed=request.param)


@pytest.fixture
def over(base: Base, tmp_path: Path) -> Environment:
    """Return an environment with one distribution, `own`, that also uses the site folder of `base`."""
    made = base.environment(tmp_path / "environment")
    made.add("own")
    return made


def judge(environment: Environment, lock: str | None = PINNED) -> list[Finding]:
    """Return the findings about an environment, except the note that a package manager owns files."""
    found = check(subject(environment.snapshot(), lock_of(environment, lock) if lock else None))
    return [one for one in found if one.code != "record-managed"]


def test_distributions_of_the_base_are_one_note(base: Base, over: Environment) -> None:
    assert judge(over) == []
    for name in ("first", "second", "third", "fourth"):
        base.add(name)
    (found,) = judge(over)
    assert (found.code, found.severity) == ("lock-extra", Severity.NOTE)
    assert found.message == (
        "the environment also imports first 1.0, fourth 1.0, second 1.0 and 1 more from its base Python, and "
        "environment.lock.txt does not pin them"
    )
    assert found.distributions == ("first", "fourth", "second", "third")
    over.add("stray")
    assert [one.severity for one in of("lock-extra", judge(over))] == [Severity.ERROR, Severity.NOTE]


def test_a_distribution_of_the_base_satisfies_a_pin_in_its_version(base: Base, over: Environment) -> None:
    base.add("shared", "2.0")
    assert judge(over, f"{PINNED}shared==2.0\n") == []
    wrong = only("lock-version", judge(over, f"{PINNED}shared==2.1\n"))
    assert (wrong.severity, wrong.message) == (
        Severity.ERROR,
        "expected shared 2.1 (environment.lock.txt), found shared 2.0",
    )


def test_copies_that_hide_those_of_the_base_are_one_note(base: Base, over: Environment) -> None:
    for name in ("own", "other"):
        base.add(name, "0.9")
    over.add("other")
    (found,) = judge(over, f"{PINNED}other==1.0\n")
    assert (found.code, found.severity, found.distributions) == ("distribution-twice", Severity.NOTE, ("other", "own"))
    assert found.message == "of other and own there is another copy in the base Python, which Python does not import"
    assert "other: site/other-1.0.dist-info and site-" in found.details[0]


def test_two_copies_in_the_environment_itself_are_an_error(base: Base, over: Environment) -> None:
    base.add("own", "0.9")
    over.add("own", "1.1", {"own_two.py": ""})
    assert only("distribution-twice", judge(over)).severity is Severity.ERROR


def test_modules_that_hide_those_of_the_base_are_one_note(base: Base, over: Environment) -> None:
    for name in ("crypto", "image"):
        base.add(f"base-{name}", files={f"{name}/__init__.py": "old = 1\n"})
        over.add(f"new-{name}", files={f"{name}/__init__.py": "new = 1\n"})
    found = judge(over, f"{PINNED}new-crypto==1.0\nnew-image==1.0\n")
    assert codes(found) == {"lock-extra", "name-shadowed"}
    hidden = only("name-shadowed", found)
    assert hidden.severity is Severity.NOTE
    assert hidden.message.startswith("of crypto (site/crypto and site-")
    over.add("third", files={"crypto.py": ""})
    found = judge(over, f"{PINNED}new-crypto==1.0\nnew-image==1.0\nthird==1.0\n")
    assert {one.severity for one in of("name-shadowed", found)} == {Severity.NOTE, Severity.ERROR}


def test_requirements_in_the_base_that_are_not_met_are_one_note(base: Base, over: Environment) -> None:
    base.add("first", requires=["own<1", "gone"])
    base.add("second", requires=["gone>2", "?"], extra_metadata="Requires-Python: <3\n")
    over.add("ours", requires=["first>=2"])
    unmet = of("requirement-unmet", judge(over, f"{PINNED}ours==1.0\n"))
    assert [(one.severity, one.message) for one in unmet] == [
        (Severity.ERROR, "ours 1.0 requires first>=2, found first 1.0"),
        (
            Severity.NOTE,
            f"in the base Python second 1.0 requires Python <3, found Python "
            f"{over.snapshot().interpreter.version} and 3 more",
        ),
    ]
    assert codes(judge(over, f"{PINNED}ours==1.0\n")) == {"lock-extra", "requirement-unmet"}
    assert {one.severity for one in judge(over, "own==1.0\nours==1.0\nfirst==2.0\n") if one.code == "lock-version"} == {
        Severity.ERROR
    }


def test_start_up_code_of_the_base_is_a_note_if_a_distribution_has_it(base: Base, over: Environment) -> None:
    base.add("alpha", files={"alpha.pth": HOOK, "alpha_hook.py": ""})
    found = judge(over)
    assert {one.severity for one in found} == {Severity.NOTE}
    assert "startup-code" in codes(found)
    (base.site / "nobody.pth").write_text(HOOK)
    managed = bool(over.snapshot().interpreter.managed_sites)
    assert ("startup-unowned" in codes(judge(over))) is not managed


def test_without_a_lock_the_base_is_no_error(base: Base, over: Environment) -> None:
    base.add("own", "0.9", requires=["gone"])
    base.add("first", requires=["gone"])
    assert {one.severity for one in judge(over, None)} == {Severity.NOTE}


def test_an_ordinary_environment_has_no_base_sites(base: Base, tmp_path: Path) -> None:
    base.add("first")
    made = Environment(tmp_path / "environment", str(base.python))
    made.add("own")
    assert made.snapshot().interpreter.base_sites == ()
    assert judge(made) == []
    assert base.snapshot().interpreter.base_sites == ()
