"""Tests of sessions: a session opens doors, which are ways to reach environments, and makes a report about them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from environment_builder import Environment
from judging import LOOK, altered, codes, fill, project_of, saved
from wheels import wheel_bytes, write_wheel

from envparity.errors import EnvparityError
from envparity.judge.acceptance import Acceptance
from envparity.judge.report import Report, Status
from envparity.judge.rules import Severity
from envparity.judge.session import Tracing, check_door, compare_doors, list_doors
from envparity.snapshot.outside import Outside


def check(folder: Path, door: str, **fields: Any) -> Report:
    return check_door(project_of(folder, **fields), door, None, LOOK, locked=True)


def test_a_sound_environment_passes(sound: Environment, tmp_path: Path) -> None:
    report = check(tmp_path, str(sound.folder))
    assert (report.command, report.track, report.findings, report.status) == ("check", "one", (), Status.SAME)
    assert report.doors[0].lock == "one.txt"


def test_a_damaged_environment_fails(clean: bytes, tmp_path: Path) -> None:
    report = check(tmp_path, saved(tmp_path, "a", clean, altered))
    assert codes(report.findings) == {"file-altered"}
    assert report.status is Status.ERRORS
    assert [why.distribution for why in report.why] == ["alpha"]


def test_without_the_lock(clean: bytes, tmp_path: Path) -> None:
    report = check_door(project_of(tmp_path), saved(tmp_path, "a", clean), None, LOOK, locked=False)
    assert codes(report.findings) == {"unlocked"}
    assert report.status is Status.SAME


def test_a_finding_that_the_project_accepts_is_shown_and_passes(clean: bytes, tmp_path: Path) -> None:
    known = Acceptance("file-altered", "site/alpha/*", "patched on purpose")
    report = check(tmp_path, saved(tmp_path, "a", clean, altered), accept=(known,))
    (found,) = report.findings
    assert found.accepted == "patched on purpose"
    assert found.severity is Severity.ERROR
    assert report.status is Status.SAME


def test_an_unknown_track_is_an_error(clean: bytes, tmp_path: Path) -> None:
    with pytest.raises(EnvparityError, match=r"^--track: expected one of one, found 'two'$"):
        check_door(project_of(tmp_path), saved(tmp_path, "a", clean), "two", LOOK, locked=True)


def test_equal_doors_have_no_findings(clean: bytes, tmp_path: Path) -> None:
    names = [saved(tmp_path, name, clean) for name in "abc"]
    report = compare_doors(project_of(tmp_path), names, None, LOOK, locked=True)
    assert ([door.name for door in report.doors], report.findings) == (["a", "b", "c"], ())


def test_only_doors_that_this_machine_has_are_opened(sound: Environment, tmp_path: Path) -> None:
    again = fill(Environment(tmp_path / "again"))
    doors = {
        "one": "environment/bin/python",
        "two": "again/bin/python",
        "gone": "gone/bin/python",
        "box": "no-such-program-anywhere run python",
    }
    report = compare_doors(project_of(tmp_path, doors=doors), [], None, LOOK, locked=True)
    assert [door.name for door in report.doors] == ["one", "two"]
    assert report.closed == (
        ("gone", "no gone/bin/python on this machine"),
        ("box", "no no-such-program-anywhere on this machine"),
    )
    assert report.status is Status.SAME
    assert list_doors(project_of(tmp_path, doors=doors), None).splitlines() == [
        "one   program found    environment/bin/python",
        "two   program found    again/bin/python",
        "gone  program missing  gone/bin/python",
        "box   program missing  no-such-program-anywhere run python",
    ]
    assert sound.python.exists()
    assert again.python.exists()


def test_a_comparison_needs_two_doors(sound: Environment, tmp_path: Path) -> None:
    doors = {"one": "environment/bin/python", "gone": "gone/bin/python"}
    with pytest.raises(EnvparityError) as caught:
        compare_doors(project_of(tmp_path, doors=doors), [], None, LOOK, locked=True)
    assert str(caught.value) == (
        "doors: expected this machine to open at least two, found 1 (one); gone does not open: "
        "no gone/bin/python on this machine"
    )
    del doors["gone"]
    with pytest.raises(
        EnvparityError, match=r"found 1 \(one\); name one more, for example the folder of an environment$"
    ):
        compare_doors(project_of(tmp_path, doors=doors), [], None, LOOK, locked=True)
    with pytest.raises(
        EnvparityError, match=r"found none; gone does not open: no such thing; far does not open: another$"
    ):
        compare_doors(
            project_of(tmp_path, doors={"gone": "x/y", "far": "x/z"}),
            [],
            None,
            LOOK,
            locked=True,
            without={"gone": "gone: no such thing", "far": "another"},
        )
    one = project_of(tmp_path, doors={"environment": str(sound.python)})
    for strict in (False, True):  # a comparison of fewer than two environments proves nothing
        with pytest.raises(EnvparityError, match=r"found no \[tool.envparity.doors\] in a pyproject.toml here; name "):
            compare_doors(project_of(tmp_path), [], None, LOOK, locked=True, strict=strict)
        with pytest.raises(EnvparityError, match=r"^doors: expected this machine to open at least two, found 1 \(env"):
            compare_doors(one, [], None, LOOK, locked=True, strict=strict)
    with pytest.raises(EnvparityError, match=r"^doors: expected \[tool\.envparity\.doors\] "):
        list_doors(project_of(tmp_path), None)
    assert sound.python.exists()


def test_doors_can_be_left_out_with_a_reason(sound: Environment, tmp_path: Path) -> None:
    """`without` maps each door to leave out to the reason. With `strict`, it is an error to leave out a door."""
    again, third = fill(Environment(tmp_path / "again")), fill(Environment(tmp_path / "third"))
    mine = project_of(
        tmp_path, doors={name: f"{name}/bin/python" for name in ("environment", "again", "third", "gone")}
    )
    report = compare_doors(mine, [], None, LOOK, locked=True, without={"third": "it is being painted"})
    assert [door.name for door in report.doors] == ["environment", "again"]
    assert report.closed == (("third", "it is being painted"), ("gone", "no gone/bin/python on this machine"))
    with pytest.raises(EnvparityError) as caught:
        compare_doors(mine, [], None, LOOK, locked=True, without={"third": "it is being painted"}, strict=True)
    assert str(caught.value) == (
        "doors: expected this machine to open all 4, found 2 (environment, again); "
        "third does not open: it is being painted; gone does not open: no gone/bin/python on this machine"
    )
    with pytest.raises(
        EnvparityError, match=r"^--without: expected a door \(environment, again, third, gone\), found "
    ):
        compare_doors(mine, [], None, LOOK, locked=True, without={"fourth": "x"})
    assert all(one.python.exists() for one in (sound, again, third))


def test_a_door_that_is_left_out_needs_no_place_outside(sound: Environment, tmp_path: Path) -> None:
    """With --no-run, the message of a door that is left out is its reason, not that it needs a place outside."""
    again = fill(Environment(tmp_path / "again"))
    mine = project_of(tmp_path, doors={"environment": "x/y", "again": "x/y", "gone": "x/y"})
    places = {"environment": str(sound.folder), "again": str(again.folder)}
    look = replace(LOOK, outside=Outside(no_run=True))
    mine = mine.with_outside(places)
    report = compare_doors(mine, [], None, look, locked=True, without={"gone": "it is being painted"})
    assert ([door.name for door in report.doors], report.closed) == (
        ["environment", "again"],
        (("gone", "it is being painted"),),
    )
    with pytest.raises(EnvparityError, match=r"open all 3, found 2 .*; gone does not open: it is being painted$"):
        compare_doors(mine, [], None, look, locked=True, without={"gone": "it is being painted"}, strict=True)


def test_two_doors_of_one_name_are_an_error(clean: bytes, tmp_path: Path) -> None:
    name = saved(tmp_path, "a", clean)
    with pytest.raises(
        EnvparityError, match=r"^doors: expected a different name for each door, found a twice; name one NAME=DOOR$"
    ):
        compare_doors(project_of(tmp_path), [name, name], None, LOOK, locked=True)
    report = compare_doors(project_of(tmp_path), [name, f"b={name}"], None, LOOK, locked=True)
    assert [door.name for door in report.doors] == ["a", "b"]


def test_a_door_that_does_not_open_is_never_a_pass(clean: bytes, tmp_path: Path) -> None:
    names = [saved(tmp_path, "a", clean), "b=false"]
    with pytest.raises(EnvparityError, match=r"^door b: false -I -S - ended with exit status 1$"):
        compare_doors(project_of(tmp_path), names, None, LOOK, locked=True)


def test_artefacts_need_a_lock(clean: bytes, tmp_path: Path) -> None:
    with pytest.raises(EnvparityError, match=r"^--artefacts: expected a lock, .*; name it with --lock FILE$"):
        check_door(
            project_of(tmp_path), saved(tmp_path, "a", clean), None, LOOK, locked=False, tracing=Tracing(cache=tmp_path)
        )


def test_artefacts_are_found_for_each_door(clean: bytes, tmp_path: Path, wheels: Path) -> None:
    """The lock has no hash, so pip chooses a wheel. This wheel lacks files that are in the environment."""
    write_wheel(wheels, "alpha", "1.0")
    names = [saved(tmp_path, name, clean) for name in "ab"]
    config = project_of(tmp_path)
    report = compare_doors(config, names, None, LOOK, locked=True, tracing=Tracing(cache=tmp_path / "cache"))
    assert [door.trust.artefacts for door in report.doors] == [True, True]
    found = {one.code: one for one in report.findings}
    assert set(found) == {"artefact-foreign", "artefact-unhashed", "artefact-untraced"}
    assert found["artefact-foreign"].doors == ("a", "b")
    assert "site/alpha/core.py" in found["artefact-foreign"].paths
    assert "beta 2.0: files compared with RECORD only" in found["artefact-untraced"].message


def test_the_projects_command_builds_wheels_again(sound: Environment, tmp_path: Path) -> None:
    """The command builds a wheel whose file has other bytes than the installed file, although RECORD agrees."""
    made = tmp_path / "alpha-1.0-py3-none-any.whl"
    made.write_bytes(wheel_bytes("alpha", "1.0", {"alpha/core.py": "another = 1\n"}))
    config = project_of(tmp_path, doors={"venv": "environment/bin/python"}, rebuild={"venv": f"cp {made} {{folder}}"})
    (tmp_path / "locks" / "one.txt").write_text("--no-binary alpha\nalpha==1.0\n")
    report = check_door(config, "venv", None, LOOK, locked=True, tracing=Tracing(cache=tmp_path / "cache"))
    (found,) = [one for one in report.findings if one.code == "artefact-differs"]
    assert (found.severity, found.distributions) == (Severity.ERROR, ("alpha",))
    assert found.paths == ("site/alpha/core.py",)
    assert sound.python.exists()
