"""Tests of the part of a report that says what files were compared with, and how many were not judged."""

from typing import Any

from judging import altered, edited, put, subject

from envparity.judge.trust import Amount, trust_in


def test_without_artefacts_files_are_compared_with_record(clean: bytes) -> None:
    one = subject(edited(clean))
    trust = trust_in(one)
    files = one.snapshot.files
    matching = [file for file in files.values() if set(file.claims.values()) == {"match"}]
    assert trust.judged == {"record": Amount(len(matching), sum(file.size for file in matching))}
    assert trust.unjudged["not judged"].files == 2, "the two files RECORD have no hash"
    every = [*trust.judged.values(), *trust.unjudged.values()]
    assert sum(amount.files for amount in every) == len(files)
    assert sum(amount.bytes for amount in every) == sum(file.size for file in files.values())
    assert (trust.artefacts, trust.traced.files) == (False, 0)


def test_a_file_that_does_not_match_record_is_not_counted_as_matching(clean: bytes) -> None:
    whole, damaged = trust_in(subject(edited(clean))), trust_in(subject(edited(clean, altered)))
    assert damaged.judged["record"].files == whole.judged["record"].files - 1
    assert (damaged.judged["wrong"].files, damaged.unjudged) == (1, whole.unjudged)


def test_files_of_the_system_are_counted_apart(clean: bytes) -> None:
    trust = trust_in(subject(edited(clean, put(("interpreter", "managed_sites"), ["site"]))))
    assert trust.unjudged["the system's"].files > 5
    assert "record" in trust.judged, "the script is outside the site folder"


def test_missing_files_are_not_counted(clean: bytes) -> None:
    def change(document: dict[str, Any]) -> None:
        document["files"] = {"site/x.py": {"kind": "missing", "claims": {"alpha": "missing"}}}

    trust = trust_in(subject(edited(clean, change)))
    assert (trust.judged, trust.unjudged) == ({}, {})
