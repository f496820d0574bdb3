"""Tests of a history as JSON: the JSON reads back as the same history.

A history lists, for a past period, each change of the releases that uv chooses for some requirements.
"""

import json
from datetime import timedelta

import msgspec
from history_samples import PRINTABLE, SAMPLES, STEERING, any_history, attacked, sample
from report_samples import fuzzed

from envparity.history.record import History
from envparity.render.history.write import as_json
from envparity.render.words import printable


def again(history: History) -> History:
    return msgspec.json.decode(as_json(history).encode("utf-8"), type=History)


def test_json_reads_back_as_the_same_history() -> None:
    for made in SAMPLES:
        assert again(made()) == made()


def test_instants_read_back_are_in_utc_to_the_second() -> None:
    for event in again(sample()).events:
        assert event.instant.utcoffset() == timedelta(0)
    assert json.loads(as_json(sample()))["events"][1]["instant"] == "2025-10-27T14:22:45Z"


def test_json_is_one_indented_document_that_ends_in_one_newline() -> None:
    text = as_json(sample())
    assert text.startswith('{\n "schema": "envparity-history-1",\n')
    assert text.endswith("}\n")
    assert not text.endswith("\n\n")


def test_json_has_release_path_providers_and_files() -> None:
    found = json.loads(as_json(sample()))["events"][1]
    assert found["releases"] == ["multiaddr 0.1.0"]
    assert [change["name"] for change in found["changes"]] == ["multiaddr", "py-multihash"]
    assert found["changes"][1]["path"].endswith("-> py-multihash>=2.0.0 (2.0.1)")
    assert found["gained"] == [
        {
            "name": "multihash",
            "providers": ["py-multihash 2.0.1", "pymultihash 0.8.2"],
            "paths": ["multihash/__init__.py", "multihash/multihash.py"],
        }
    ]


def test_each_attack_is_data() -> None:
    for attack in PRINTABLE:
        assert again(attacked(sample(), attack)) == attacked(sample(), attack)


@fuzzed
@any_history
def test_hostile_text_is_data(history: History) -> None:
    assert again(history) == printable(history)


def test_control_characters_are_escaped_and_kept() -> None:
    for attack in STEERING:
        if "\ud800" not in attack:
            assert again(attacked(sample(), attack)) == printable(attacked(sample(), attack))
            assert "\x1b" not in as_json(attacked(sample(), attack))


def test_text_that_utf_8_cannot_encode_is_escaped() -> None:
    assert json.loads(as_json(attacked(sample(), "\ud800")))["python"].startswith("3.11")
