"""Tests of reports: the counts for each door (a way to reach an environment), and rows of distributions and tools."""

from typing import Any

from judging import Change, edited, put, subject

from envparity.judge.acceptance import Acceptance, accept
from envparity.judge.digests import digests_of
from envparity.judge.findings import Finding, finding
from envparity.judge.integrity.files import FILE_ALTERED
from envparity.judge.ownership import EDITABLE
from envparity.judge.report import DoorFacts, Report, Status, Step, make_report
from envparity.judge.subject import Subject
from envparity.judge.trust import trust_in
from envparity.project.config import Config
from envparity.project.locks.lock import Lock, where_applying
from envparity.text import visible


def renamed(document: dict[str, Any]) -> None:
    document["distributions"][0]["name"] = "al\x1b[2Jpha"
    document["distributions"][0]["version"] = "1\n0"
    document["toolchain"]["gi\u202et"] = "2\x07"
    document["interpreter"]["platform"] = "linux\x00"
    document["interpreter"]["version"] = "3.11.2\x1b"


def report(clean: bytes, *findings: Finding, change: Change | None = None) -> Report:
    other = edited(clean, *([change] if change else []))
    return make_report("compare", None, [subject(edited(clean)), subject(other, door="there")], findings)


def test_the_report_counts_distributions_files_and_bytes(clean: bytes) -> None:
    snapshot = edited(clean)
    found = report(clean).doors[0]
    there = [file for file in snapshot.files.values() if file.kind != "missing"]
    assert found == DoorFacts(
        "here",
        f"cpython {snapshot.interpreter.version}",
        snapshot.interpreter.platform,
        2,
        len(there),
        sum(file.size for file in there),
        None,
        trust=trust_in(subject(snapshot)),
        digests=digests_of(subject(snapshot)),
    )


def test_missing_files_are_not_counted(clean: bytes) -> None:
    change = put(("files", "site/alpha/core.py"), {"kind": "missing", "claims": {"alpha": "missing"}})
    here, there = report(clean, change=change).doors
    assert (here.files - there.files, here.bytes - there.bytes) == (1, len("answer = 42\n"))


def test_distributions_and_tools_side_by_side(clean: bytes) -> None:
    def change(document: dict[str, Any]) -> None:
        document["distributions"][0]["version"] = "1.1"
        document["distributions"][1] = {
            **document["distributions"][0],
            "id": "Alpha@x",
            "name": "Alpha",
            "version": "9",
        }
        document["toolchain"]["weaver"] = "2"

    found = report(clean, change=change)
    assert found.rows == {"alpha": ("1.0", "1.1"), "beta": ("2.0", None)}
    assert found.tools["weaver"] == (None, "2")
    assert list(found.rows) == sorted(found.rows)
    assert list(found.tools) == sorted(found.tools)


def test_only_errors_that_are_not_accepted_change_the_status(clean: bytes) -> None:
    error = finding(FILE_ALTERED, "x", paths=["a"])
    (accepted,) = accept([error], [Acceptance("file-altered", "a", "known")])
    assert report(clean, error).status is Status.ERRORS
    assert report(clean, error).errors == (error,)
    assert report(clean, accepted, finding(EDITABLE, "x")).status is Status.SAME
    assert [int(status) for status in Status] == [0, 1]


def test_distributions_that_errors_name_have_requirement_paths(clean: bytes) -> None:
    error = finding(FILE_ALTERED, "x", distributions=["alpha", "nothing-of-that-name"])
    note = finding(EDITABLE, "x", distributions=["beta"])
    (why,) = report(clean, error, note, error).why
    assert (why.door, why.distribution) == ("here", "alpha")
    assert why.paths == ((Step("beta", "alpha>=1", "alpha", "1.0"),),)
    assert report(clean, note).why == ()
    # If a distribution is installed twice, the id of the second copy ends with the path of that copy.
    assert report(clean, finding(FILE_ALTERED, "x", distributions=["alpha@site/x"])).why[0].paths == why.paths


def test_a_track_is_where_paths_begin(clean: bytes, tmp_path: Any) -> None:
    config = Config(root=tmp_path, track="one", tracks=("one",), groups={"one": ("beta",)})
    altered = finding(FILE_ALTERED, "x", distributions=["alpha"])

    def sources(lock: Lock | None) -> list[str]:
        (why,) = make_report("check", "one", [Subject("here", edited(clean), config, "one", lock)], [altered]).why
        return [step.source for step in why.paths[0]]

    assert sources(Lock("one.txt", where_applying(()))) == ["the track one", "beta"]
    # Without a lock, it is unknown which requirements the environment was made from.
    assert sources(None) == ["beta"]


def test_only_a_few_of_many_distributions_have_paths(clean: bytes) -> None:
    def change(document: dict[str, Any]) -> None:
        one = document["distributions"][0]
        many = [
            {**one, "id": f"d{number}", "name": f"d{number}", "requires": [f"d{number + 1}"]} for number in range(30)
        ]
        document["distributions"] = many

    errors = [finding(FILE_ALTERED, "x", distributions=[f"d{number}"]) for number in range(30)]
    assert len(make_report("check", None, [subject(edited(clean, change))], errors).why) == 12


def test_every_text_is_safe_to_show(clean: bytes) -> None:
    found = report(clean, finding(FILE_ALTERED, "x", distributions=["al\x1b[2Jpha"]), change=renamed)
    texts = [text for door in found.doors for text in (door.name, door.python, door.platform)]
    for table in (found.rows, found.tools):
        texts += [text for name, values in table.items() for text in (name, *filter(None, values))]
    assert "gi\\u202et" in texts
    assert texts == [visible(text) for text in texts]
