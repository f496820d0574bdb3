"""Tests of the plan of `envparity fix`: the order of the commands, and that no command comes twice."""

from dataclasses import replace

from envparity.fix.fix import Fix, Kind
from envparity.fix.plan import make_plan
from envparity.judge.findings import Finding
from envparity.judge.rules import Severity


def error(code: str, *fixes: Fix, because: str | None = None, about: tuple[str, ...] = ()) -> Finding:
    return Finding(code, f"{code} happened", severity=Severity.ERROR, fixes=fixes, because=because, distributions=about)


def fix(kind: Kind, *commands: str, of: tuple[str, ...] = (), paths: tuple[str, ...] = ()) -> Fix:
    return Fix(kind, f"{kind}.", commands, of, paths)


AGAIN = fix("reinstall", "forget a b", "install a b", of=("a==1", "b==2"))


def test_files_in_the_way_go_before_an_installation() -> None:
    plan = make_plan([error("file-missing", AGAIN), error("file-extraneous", fix("delete", "rm x", paths=("x",)))])
    assert plan.commands == ("rm x", "forget a b", "install a b")


def test_a_command_that_answers_several_findings_comes_once() -> None:
    findings = [
        error("file-missing", AGAIN),
        error("file-altered", AGAIN),
        error("file-link", fix("sync", "install a b")),
    ]
    plan = make_plan(findings)
    assert plan.commands == AGAIN.commands
    assert [[one.code for one in step.answers] for step in plan.steps] == [
        ["file-link", "file-missing", "file-altered"]
    ]


def test_fixes_that_end_with_the_same_installation_install_once() -> None:
    plan = make_plan(
        [
            error("one", fix("sync", "sync")),
            error("two", fix("reinstall", "uninstall a", "sync --reinstall-package a", of=("a==1",))),
            error("three", fix("reinstall", "sync --reinstall-package b", of=("b==1",))),
            error("four", fix("reinstall", "rm c", "sync", of=("c==1",), paths=("c",))),
        ]
    )
    assert plan.commands == ("rm c", "uninstall a", "sync --reinstall-package a --reinstall-package b")
    assert {one.code for one in plan.steps[0].answers} == {"one", "two", "three", "four"}


def test_a_reinstallation_that_forgets_the_cache_is_not_left_out() -> None:
    plain = fix("reinstall", "install a", of=("a==1",))
    careful = fix("reinstall", "uv cache clean a", "install a", of=("a==1",))
    assert make_plan([error("one", plain), error("two", careful)]).commands == careful.commands


def test_an_environment_that_is_made_again_needs_no_other_command() -> None:
    plan = make_plan(
        [
            error("file-missing", AGAIN),
            error("script-elsewhere", fix("remake", "venv", "sync")),
            error("path-hidden", fix("unset", "unset X")),
        ]
    )
    assert plan.commands == ("unset X", "venv", "sync")
    assert [one.code for one in plan.steps[1].answers] == ["script-elsewhere", "file-missing"]


def test_a_fix_without_commands_is_the_reason_why_a_finding_stays() -> None:
    (left,) = make_plan([error("startup-unowned", Fix("none", "It is of the base Python."))]).left
    assert left.reason == "It is of the base Python."


def test_a_reinstallation_that_covers_another_replaces_it() -> None:
    plan = make_plan([error("one", AGAIN), error("two", fix("reinstall", "install a", of=("A==1",)))])
    assert plan.commands == AGAIN.commands
    assert [one.code for one in plan.steps[0].answers] == ["one", "two"]
    later = fix("reinstall", "install c", of=("c==1",))
    assert make_plan([error("one", AGAIN), error("two", later)]).commands == (*AGAIN.commands, "install c")


def test_a_reinstallation_that_also_deletes_a_path_stays() -> None:
    other = fix("reinstall", "rm x", "install a", of=("a==1",), paths=("x",))
    assert make_plan([error("one", AGAIN), error("two", other)]).commands == (*other.commands, *AGAIN.commands)


def test_a_distribution_that_goes_is_not_installed_again() -> None:
    goes = error("name-shadowed", fix("uninstall", "uninstall typing", of=("typing",)), about=("typing", "json"))
    unmet = error("python-unmet", fix("install", "install typing", of=("typing",)), about=("Typing",))
    altered = error("file-altered", fix("reinstall", "reinstall typing", of=("typing==3",)), about=("typing",))
    plan = make_plan([unmet, altered, goes])
    assert plan.commands == ("uninstall typing",)
    assert [one.code for one in plan.steps[0].answers] == ["name-shadowed", "file-altered", "python-unmet"]


def test_a_distribution_that_a_fix_keeps_or_that_another_one_requires_is_installed() -> None:
    contest = fix("uninstall", "uninstall jwt", "install pyjwt", of=("jwt", "pyjwt==2"))
    altered = fix("reinstall", "reinstall pyjwt", of=("pyjwt==2",))
    needed = fix("install", "install jwt>1", of=("jwt>1",))
    findings = [
        error("path-contested", contest, about=("jwt", "pyjwt")),
        error("file-altered", altered, about=("pyjwt",)),
        error("requirement-unmet", needed, about=("first", "jwt")),
    ]
    assert make_plan(findings).commands == (*contest.commands, *altered.commands, *needed.commands)


def test_an_error_without_a_command_is_left_with_its_reason() -> None:
    plan = make_plan([error("interpreter-series"), error("file-missing")])
    assert plan.steps == ()
    assert [(one.finding.code, one.reason.split()[0]) for one in plan.left] == [
        ("interpreter-series", "The"),
        ("file-missing", "envparity"),
    ]


def test_a_finding_that_follows_from_another_is_not_left() -> None:
    assert make_plan([error("file-differs", because="file-altered")]).left == ()


def test_notes_are_fixed_only_if_asked_and_accepted_findings_never() -> None:
    note = replace(error("bytecode-stale", AGAIN), severity=Severity.NOTE)
    accepted = replace(error("file-altered", AGAIN), accepted="we patch it")
    assert make_plan([note, accepted]).steps == ()
    assert make_plan([note, accepted], notes=True).steps[0].answers == (note,)
    assert make_plan([replace(note, fixes=())], notes=True).left == ()
