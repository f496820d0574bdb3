"""Tests of the report of envparity as JSON: any report reads back unchanged."""

import json

import msgspec
from report_samples import any_report, fuzzed, sample

from envparity.judge.report import Report
from envparity.render.data import as_json
from envparity.render.words import printable


def test_json_reads_back_as_the_same_report() -> None:
    assert msgspec.json.decode(as_json(sample()), type=Report) == sample()


def test_json_is_one_indented_document_that_ends_in_one_newline() -> None:
    text = as_json(sample())
    assert text.startswith('{\n  "schema": "envparity-report-1",\n')
    assert text.endswith("}\n")
    assert not text.endswith("\n\n")


@fuzzed
@any_report
def test_hostile_text_is_data(report: Report) -> None:
    data = as_json(report).encode("utf-8")
    json.loads(data)
    assert msgspec.json.decode(data, type=Report) == printable(report)
