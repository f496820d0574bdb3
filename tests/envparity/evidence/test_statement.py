"""Tests of statements: what a statement says about a report, and which documents are no statement.

A report lists what envparity found. Its digests say which environment, lock and image it is about.
"""

import json
import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from report_samples import sample

from dev.pages.schemas import schemas
from envparity import __version__
from envparity.errors import EnvparityError
from envparity.evidence.statement import (
    Refused,
    as_bytes,
    decode_statement,
    differences,
    make_statement,
    time_of,
)
from envparity.judge.digests import Digests
from envparity.judge.report import Report
from envparity.render.data import as_json

TIME = "2026-11-28T12:00:00Z"
DIGESTS = Digests(contents="a" * 64, snapshot="b" * 64, lock="c" * 64, images=("d" * 64, "e" * 64))


def attested() -> Report:
    """Return a report on two doors, of which the first has all digests and the second only that of its contents."""
    report = sample()
    first, second = report.doors
    return replace(report, doors=(replace(first, digests=DIGESTS), replace(second, digests=Digests("f" * 64))))


def encoded(report: Report) -> bytes:
    return as_json(report).encode()


def test_a_statement_names_the_lock_the_images_and_the_report() -> None:
    data = encoded(attested())
    statement = make_statement(data, "report.json", TIME)
    document = json.loads(as_bytes(statement))
    assert document["_type"] == "https://in-toto.io/Statement/v1"
    assert document["subject"] == [
        {"name": "v0.4.txt", "digest": {"sha256": "c" * 64}},
        {"name": "venv", "digest": {"sha256": "d" * 64}},
        {"name": "venv", "digest": {"sha256": "e" * 64}},
    ]
    predicate = document["predicate"]
    assert predicate["report"]["digest"] == {"sha256": sha256(data).hexdigest()}
    assert (predicate["tool"], predicate["time"]) == ({"name": "envparity", "version": __version__}, TIME)
    first, second = predicate["environments"]
    assert (first["door"], first["level"], first["contents"]) == ("venv", "inside", {"sha256": "a" * 64})
    assert (second["snapshot"], second["lock"], second["images"]) == (None, None, [])


def test_the_counts_are_those_of_the_report() -> None:
    report = attested()
    result = make_statement(encoded(report), "report.json", TIME).predicate.result
    accepted = [one for one in report.findings if one.accepted is not None]
    assert (result.status, result.errors, result.accepted) == ("failed", len(report.errors), len(accepted))
    assert result.errors + result.notes + result.accepted == len(report.findings)
    clean = make_statement(encoded(replace(report, findings=())), "report.json", TIME).predicate.result
    assert (clean.status, clean.errors, clean.notes) == ("passed", 0, 0)


def test_equal_reports_give_equal_bytes_that_the_schema_allows() -> None:
    one, other = (as_bytes(make_statement(encoded(attested()), name, TIME)) for name in ("a.json", "b.json"))
    assert one == other
    schema = json.loads(schemas()["envparity/schema/statement.schema.json"])
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(one))
    assert decode_statement(one, "a.json") == make_statement(encoded(attested()), "a.json", TIME)


def test_a_report_without_digests_or_subjects_gives_no_statement() -> None:
    with pytest.raises(EnvparityError, match=r"old\.json: expected a report about an environment with a lock"):
        make_statement(encoded(sample()), "old.json", TIME)
    report = attested()
    half = replace(report, doors=(report.doors[0], replace(report.doors[1], digests=None)))
    with pytest.raises(EnvparityError, match="expected a report with digests, found none for nix; make the report"):
        make_statement(encoded(half), "half.json", TIME)


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff", b"[" * 100_000, b'{"schema": "envparity-snapshot-1"}'])
def test_another_document_is_no_report_and_no_statement(data: bytes) -> None:
    with pytest.raises(EnvparityError, match=r"^x: expected a report \(envparity-report-1\), found: .*; make"):
        make_statement(data, "x", TIME)
    with pytest.raises(Refused, match=r"^x: expected an in-toto statement of envparity \(urn:"):
        decode_statement(data, "x")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"),
        ("urn:envparity:envparity-statement-1", "urn:envparity:envparity-statement-2"),
        ('"sha256": "' + "c" * 64, '"sha256": "' + "C" * 64),
        ('"sha256": "' + "c" * 64, '"sha512": "' + "c" * 64),
        ('"status": "failed"', '"status": "fine"'),
        (TIME, "yesterday"),
    ],
)
def test_a_statement_of_another_kind_is_refused(old: str, new: str) -> None:
    text = as_bytes(make_statement(encoded(attested()), "x", TIME)).decode()
    assert old in text
    with pytest.raises(Refused, match="expected an in-toto statement"):
        decode_statement(text.replace(old, new).encode(), "x")


def test_an_error_of_the_baseline_is_known_and_no_note() -> None:
    report = attested()
    error = next(one for one in report.findings if one.fails)
    before = make_statement(encoded(report), "x", TIME).predicate.result
    found = tuple(replace(one, known=True) if one is error else one for one in report.findings)
    after = make_statement(encoded(replace(report, findings=found)), "x", TIME).predicate.result
    assert (after.errors, after.known, after.notes) == (before.errors - 1, 1, before.notes)


def test_fields_of_a_later_version_are_ignored() -> None:
    statement = make_statement(encoded(attested()), "x", TIME)
    document = json.loads(as_bytes(statement))
    document["later"] = document["predicate"]["later"] = 1
    assert decode_statement(json.dumps(document).encode(), "x") == statement


def test_differences_name_the_part_that_another_report_would_give() -> None:
    report = attested()
    one = make_statement(encoded(report), "x", TIME)
    assert list(differences(one, make_statement(encoded(report), "x", "2000-01-01T00:00:00Z"))) == []
    other = make_statement(encoded(replace(report, findings=())), "x", TIME)
    assert list(differences(one, other)) == ["report", "result"]


def test_the_time_is_that_of_the_file_or_of_source_date_epoch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    file = tmp_path / "report.json"
    file.touch()
    os.utime(file, (0, 86400))
    assert time_of(file) == "1970-01-02T00:00:00Z"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "60")
    assert time_of(file) == "1970-01-01T00:01:00Z"
    for text in ("soon", "9" * 30):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", text)
        with pytest.raises(EnvparityError, match="SOURCE_DATE_EPOCH: expected a number of seconds since 1970"):
            time_of(file)
