"""From a command line to a report."""

import json
from pathlib import Path
from typing import Any

import pytest
from environment_builder import Environment
from judging import LOCK, Change, codes, edited, fill, of, subject

from envparity.errors import EnvparityError
from envparity.judge.acceptance import Acceptance
from envparity.judge.judgement import judged
from envparity.judge.registry import EVERY_RULE
from envparity.judge.report import Report, Status
from envparity.judge.rules import Severity
from envparity.judge.session import check_door, compare_doors, list_doors
from envparity.project.config import Config
from envparity.snapshot.doors import Look

LOOK = Look(behaviour=False, timeout=60)


def config(folder: Path, **fields: Any) -> Config:
    """A project of one track, whose lock pins the sound environment."""
    (folder / "locks").mkdir(exist_ok=True)
    (folder / "locks" / "one.txt").write_text(LOCK)
    return Config(root=folder, track="one", tracks=("one",), locks="locks/{track}.txt", **fields)


def saved(folder: Path, name: str, clean: bytes, *changes: Change) -> str:
    document = json.loads(clean)
    for change in changes:
        change(document)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(document))
    return str(path)


def altered(document: dict[str, Any]) -> None:
    document["files"]["site/alpha/core.py"] |= {"sha256": "f" * 64, "claims": {"alpha": "sha256:" + "e" * 64}}


def check(folder: Path, door: str, **fields: Any) -> Report:
    return check_door(config(folder, **fields), door, None, LOOK, locked=True)


def test_a_sound_environment_passes(sound: Environment, tmp_path: Path) -> None:
    report = check(tmp_path, str(sound.folder))
    assert (report.command, report.track, report.findings, report.status) == ("check", "one", (), Status.SAME)
    assert report.doors[0].lock == "one.txt"


def test_a_spoiled_one_does_not(clean: bytes, tmp_path: Path) -> None:
    report = check(tmp_path, saved(tmp_path, "a", clean, altered))
    assert codes(report.findings) == {"file-altered"}
    assert report.status is Status.ERRORS
    assert [why.distribution for why in report.why] == ["alpha"]


def test_without_the_lock(clean: bytes, tmp_path: Path) -> None:
    report = check_door(config(tmp_path), saved(tmp_path, "a", clean), None, LOOK, locked=False)
    assert codes(report.findings) == {"unlocked"}
    assert report.status is Status.SAME


def test_what_the_project_accepts_is_shown_and_passes(clean: bytes, tmp_path: Path) -> None:
    known = Acceptance("file-altered", "site/alpha/*", "patched on purpose")
    report = check(tmp_path, saved(tmp_path, "a", clean, altered), accept=(known,))
    (found,) = report.findings
    assert found.accepted == "patched on purpose"
    assert found.severity is Severity.ERROR
    assert report.status is Status.SAME


def test_an_acceptance_that_nothing_needs_is_a_note(clean: bytes, tmp_path: Path) -> None:
    accept = (
        Acceptance("file-altered", "site/alpha/*", "used"),
        Acceptance("file-altered", "site/alhpa/*", "misspelt"),
        Acceptance("file-differs", "*", "made by comparing alone"),
        Acceptance("bytecode-altered", "*", "made with --bytecode alone"),
        Acceptance("behaviour-failed", "*", "made where behaviour is asked for alone"),
    )
    name = saved(tmp_path, "a", clean, altered)
    (unused,) = of("acceptance-unused", check(tmp_path, name, accept=accept).findings)
    assert unused.message == (
        "expected a finding file-altered at site/alhpa/*, as pyproject.toml accepts (misspelt), found none"
    )
    assert (unused.severity, unused.paths, unused.doors) == (Severity.NOTE, ("site/alhpa/*",), ("a",))
    both = compare_doors(config(tmp_path, accept=accept), [name, f"b={name}"], None, LOOK, locked=True)
    assert [one.paths for one in of("acceptance-unused", both.findings)] == [("*",), ("site/alhpa/*",)]


def test_an_acceptance_is_unused_only_where_its_finding_could_be_made(clean: bytes, tmp_path: Path) -> None:
    name = saved(tmp_path, "a", clean)
    lock_codes = [code for code in EVERY_RULE if code.startswith("lock-") and code != "lock-artefact"]
    for code, with_lock in [*((code, True) for code in lock_codes), ("unlocked", False)]:
        project = config(tmp_path, accept=(Acceptance(code, "*nowhere*", "accepted"),))
        for locked in (True, False):
            found = check_door(project, name, None, LOOK, locked=locked).findings
            assert bool(of("acceptance-unused", found)) is (locked is with_lock), code


def test_what_needs_hashes_is_not_looked_for_in_a_lock_without(clean: bytes, tmp_path: Path) -> None:
    project = config(tmp_path, accept=(Acceptance("lock-artefact", "*", "accepted"),))
    name = saved(tmp_path, "a", clean)
    for text, unused in ((LOCK, False), (LOCK.replace("1.0", f"1.0 --hash=sha256:{'a' * 64}"), True)):
        (tmp_path / "lock.txt").write_text(text)
        found = check_door(project.with_lock(tmp_path / "lock.txt"), name, None, LOOK, locked=True).findings
        assert bool(of("acceptance-unused", found)) is unused


def test_results_are_compared_where_every_door_was_asked(clean: bytes, tmp_path: Path) -> None:
    def asked(document: dict[str, Any]) -> None:
        document["behaviour"] = {"it works": {"value": "1", "error": None}}

    project = config(tmp_path, accept=(Acceptance("behaviour-differs", "*", "accepted"),))
    one, two, other = (
        saved(tmp_path, "one", clean, asked),
        saved(tmp_path, "two", clean, asked),
        saved(tmp_path, "other", clean),
    )
    assert of("acceptance-unused", compare_doors(project, [one, two], None, LOOK, locked=True).findings)
    assert not of("acceptance-unused", compare_doors(project, [one, other], None, LOOK, locked=True).findings)


def test_a_track_that_is_none(clean: bytes, tmp_path: Path) -> None:
    with pytest.raises(EnvparityError, match=r"^--track: expected one of one, found 'two'$"):
        check_door(config(tmp_path), saved(tmp_path, "a", clean), "two", LOOK, locked=True)


def test_doors_that_are_the_same(clean: bytes, tmp_path: Path) -> None:
    names = [saved(tmp_path, name, clean) for name in "abc"]
    report = compare_doors(config(tmp_path), names, None, LOOK, locked=True)
    assert ([door.name for door in report.doors], report.findings) == (["a", "b", "c"], ())


def test_what_several_doors_have_is_told_once(clean: bytes, tmp_path: Path) -> None:
    names = [saved(tmp_path, "a", clean, altered), saved(tmp_path, "b", clean), saved(tmp_path, "c", clean, altered)]
    report = compare_doors(config(tmp_path), names, None, LOOK, locked=True)
    (own,) = of("file-altered", report.findings)
    assert own.doors == ("a", "c")
    (differs,) = of("file-differs", report.findings)
    assert differs.doors == ("a", "b", "c")
    assert len(report.findings) == 2


def test_errors_come_first(clean: bytes) -> None:
    def noted(document: dict[str, Any]) -> None:
        document["located"]["hidden"] = {"PYTHONPATH": "/x"}

    found = judged([subject(edited(clean, noted), door="a"), subject(edited(clean, altered), door="b")])
    assert [one.fails for one in found] == sorted((one.fails for one in found), reverse=True)
    assert {"path-hidden", "file-altered", "file-differs"} <= codes(found)


def test_doors_of_the_project_that_this_machine_has(sound: Environment, tmp_path: Path) -> None:
    again = fill(Environment(tmp_path / "again"))
    doors = {
        "one": "environment/bin/python",
        "two": "again/bin/python",
        "gone": "gone/bin/python",
        "box": "no-such-program-anywhere run python",
    }
    report = compare_doors(config(tmp_path, doors=doors), [], None, LOOK, locked=True)
    assert [door.name for door in report.doors] == ["one", "two"]
    assert report.closed == (
        ("gone", "no gone/bin/python on this machine"),
        ("box", "no no-such-program-anywhere on this machine"),
    )
    assert report.status is Status.SAME
    assert list_doors(config(tmp_path, doors=doors), None).splitlines() == [
        "one   program here    environment/bin/python",
        "two   program here    again/bin/python",
        "gone  program absent  gone/bin/python",
        "box   program absent  no-such-program-anywhere run python",
    ]
    assert sound.python.exists()
    assert again.python.exists()


def test_one_door_is_not_two(sound: Environment, tmp_path: Path) -> None:
    doors = {"one": "environment/bin/python", "gone": "gone/bin/python"}
    with pytest.raises(EnvparityError) as caught:
        compare_doors(config(tmp_path, doors=doors), [], None, LOOK, locked=True)
    assert str(caught.value) == (
        "doors: expected at least two to open here, found 1 (one); not gone: no gone/bin/python on this machine"
    )
    del doors["gone"]
    with pytest.raises(EnvparityError, match=r"found 1 \(one\): name another, an environment's folder$"):
        compare_doors(config(tmp_path, doors=doors), [], None, LOOK, locked=True)
    with pytest.raises(EnvparityError, match=r"found none; not gone: no such thing; not far: another$"):
        compare_doors(
            config(tmp_path, doors={"gone": "x/y", "far": "x/z"}),
            [],
            None,
            LOOK,
            locked=True,
            without={"gone": "gone: no such thing", "far": "another"},
        )
    with pytest.raises(EnvparityError, match=r"found no \[tool.envparity.doors\] in a pyproject.toml here: name "):
        compare_doors(config(tmp_path), [], None, LOOK, locked=True)
    with pytest.raises(EnvparityError, match=r"^doors: expected \[tool\.envparity\.doors\] "):
        list_doors(config(tmp_path), None)
    assert sound.python.exists()


def test_doors_that_are_left_out(sound: Environment, tmp_path: Path) -> None:
    """By whoever knows why they cannot open here; strictly, none may be."""
    again, third = fill(Environment(tmp_path / "again")), fill(Environment(tmp_path / "third"))
    mine = config(tmp_path, doors={name: f"{name}/bin/python" for name in ("environment", "again", "third", "gone")})
    report = compare_doors(mine, [], None, LOOK, locked=True, without={"third": "it is being painted"})
    assert [door.name for door in report.doors] == ["environment", "again"]
    assert report.closed == (("third", "it is being painted"), ("gone", "no gone/bin/python on this machine"))
    with pytest.raises(EnvparityError) as caught:
        compare_doors(mine, [], None, LOOK, locked=True, without={"third": "it is being painted"}, strict=True)
    assert str(caught.value) == (
        "doors: expected all 4 to open here, found 2 (environment, again); not third: it is being painted; "
        "not gone: no gone/bin/python on this machine"
    )
    with pytest.raises(EnvparityError, match=r"^--without: expected one of environment, again, third, gone, found "):
        compare_doors(mine, [], None, LOOK, locked=True, without={"fourth": "x"})
    assert all(one.python.exists() for one in (sound, again, third))


def test_names_that_are_there_twice(clean: bytes, tmp_path: Path) -> None:
    name = saved(tmp_path, "a", clean)
    with pytest.raises(EnvparityError, match=r"^doors: expected each name once, found a again; use NAME=…$"):
        compare_doors(config(tmp_path), [name, name], None, LOOK, locked=True)
    report = compare_doors(config(tmp_path), [name, f"b={name}"], None, LOOK, locked=True)
    assert [door.name for door in report.doors] == ["a", "b"]


def test_a_door_that_does_not_open_is_never_a_pass(clean: bytes, tmp_path: Path) -> None:
    names = [saved(tmp_path, "a", clean), "b=false"]
    with pytest.raises(EnvparityError, match=r"^door b: false -I - ended with status 1$"):
        compare_doors(config(tmp_path), names, None, LOOK, locked=True)
