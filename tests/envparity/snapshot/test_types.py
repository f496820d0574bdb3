"""Tests of snapshots: a saved snapshot reads back unchanged, and no other document is accepted.

A snapshot is the JSON document with the facts that envparity recorded about an environment.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from environment_builder import Environment
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import Change, edited, fill
from probing import comparable

import envparity
from envparity.errors import EnvparityError
from envparity.snapshot.types import SCHEMA, decode_snapshot, read_snapshot
from envparity.text import visible


def test_a_snapshot_that_the_probe_prints_can_be_read(clean: bytes) -> None:
    found = decode_snapshot(clean, "clean")
    assert found.schema == SCHEMA
    assert [one.label for one in found.distributions] == ["alpha 1.0", "beta 2.0"]
    assert found.label("alpha") == "alpha 1.0"
    assert found.label("gone") == "gone"
    assert found.by_id["beta"].requires == ("alpha>=1", "colorama ; sys_platform == 'win32'")
    assert found.files["site/alpha/core.py"].claims == {"alpha": "match"}
    assert found.interpreter.series == found.marker_environment["python_version"]
    assert found.marker_environment["platform_release"] == found.located.platform_release
    assert found.marker_environment["extra"] == ""


def test_a_saved_snapshot_reads_back_unchanged(clean: bytes, tmp_path: Path) -> None:
    path = tmp_path / "saved.json"
    path.write_bytes(clean)
    assert read_snapshot(path) == decode_snapshot(clean, "clean")
    path.write_text(json.dumps(json.loads(clean), indent=2))
    assert read_snapshot(path) == decode_snapshot(clean, "clean")


def test_artefact_hashes_come_from_direct_url_and_provenance(clean: bytes) -> None:
    def change(document: dict[str, Any]) -> None:
        document["distributions"][0]["direct_url"] = {"url": "x", "hashes": {"sha256": "aa"}}
        document["distributions"][0]["provenance"] = {"hashes": {"sha256": "bb", "md5": "cc"}}
        document["distributions"][1]["direct_url"] = {"url": "x", "hashes": ["aa"]}

    first, second = edited(clean, change).distributions
    assert first.artefact_hashes == {"sha256:aa", "sha256:bb", "md5:cc"}
    assert second.artefact_hashes == frozenset()


def test_environments_of_one_lock_at_two_paths_compare_equal(tmp_path: Path) -> None:
    one = fill(Environment(tmp_path / "one")).snapshot_bytes()
    other = fill(Environment(tmp_path / "a" / "longer" / "path")).snapshot_bytes()
    assert one != other
    assert comparable(one) == comparable(other)


def test_one_environment_gives_the_same_bytes(sound: Environment) -> None:
    assert sound.snapshot_bytes() == sound.snapshot_bytes()


def without(field: str) -> Change:
    return lambda document: document.pop(field)


def put(value: object, *path: str) -> Change:
    def change(document: dict[str, Any]) -> None:
        for step in path[:-1]:
            document = document[step]
        document[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without("files"), "missing required field `files`"),
        (put("envparity-snapshot-2", "schema"), "Invalid enum value 'envparity-snapshot-2'"),
        (put([], "more"), "unknown field `more`"),
        (put([], "files"), "Expected `object`, got `array` - at `$.files`"),
        (put("12", "files", "site/beta.py", "size"), "Expected `int`, got `str`"),
        (put(1.5, "files", "site/beta.py", "size"), "Expected `int`"),
        (put(-1, "files", "site/beta.py", "size"), "Expected `int` >= 0"),
        (put("socket", "files", "site/beta.py", "kind"), "Invalid enum value 'socket'"),
        (put({"alpha": None}, "files", "site/beta.py", "claims"), "Expected `str`, got `null`"),
        (put({}, "interpreter", "markers"), "no implementation_name, implementation_version, os_name"),
        (put(10**400, "files", "site/beta.py", "size"), "Expected `int` <= 9223372036854775807"),
    ],
)
def test_the_error_for_another_document_names_the_field(clean: bytes, change: Change, said: str) -> None:
    with pytest.raises(EnvparityError) as caught:
        edited(clean, change)
    assert said in str(caught.value)
    assert re.match(r"edited: expected a snapshot \(envparity-snapshot-1\), found: ", str(caught.value))
    assert str(caught.value).endswith("make it with: envparity snapshot")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe{}",
        b"NaN",
        b'{"schema":NaN}',
        b'{"schema":"\\ud800"}',
        b'{"schema":"\x1b[2J"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"schema":"envparity-snapshot-1","interpreter":' + b"[" * 100_000,
    ],
)
def test_bytes_that_are_no_snapshot_give_a_one_line_error(data: bytes) -> None:
    with pytest.raises(EnvparityError) as caught:
        decode_snapshot(data, "x")
    assert str(caught.value).isprintable()


def test_of_a_repeated_field_the_last_value_counts(clean: bytes) -> None:
    twice = clean.rstrip(b"}\n") + b'},"problems":["last"]}'
    assert decode_snapshot(twice, "twice").problems == ("last",)


def test_a_snapshot_that_is_too_large_is_not_read(
    clean: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert envparity.LARGEST_SNAPSHOT > 100 << 20
    monkeypatch.setattr("envparity.snapshot.types.LARGEST_SNAPSHOT", len(clean) - 1)
    path = tmp_path / "saved.json"
    path.write_bytes(clean)
    with pytest.raises(EnvparityError, match=r"saved.json: expected a snapshot of at most \d+ bytes, found more"):
        read_snapshot(path)


def test_a_missing_file_gives_a_one_line_error(tmp_path: Path) -> None:
    with pytest.raises(EnvparityError, match=r"expected a saved snapshot, found: No such file or directory$"):
        read_snapshot(tmp_path / "gone.json")
    with pytest.raises(EnvparityError, match=r"expected a saved snapshot, found: Is a directory$"):
        read_snapshot(tmp_path)


@settings(max_examples=200)
@given(st.one_of(st.binary(max_size=200), st.text().map(lambda text: json.dumps({"schema": text}).encode())))
def test_any_bytes_give_a_snapshot_or_a_one_line_error(data: bytes) -> None:
    with pytest.raises(EnvparityError) as caught:
        decode_snapshot(data, "x")
    assert str(caught.value).isprintable()


@settings(max_examples=200)
@given(data=st.data())
def test_a_snapshot_with_changed_bytes_gives_a_snapshot_or_a_one_line_error(clean: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(clean)))
    end = data.draw(st.integers(start, min(start + 40, len(clean))))
    spoiled = clean[:start] + data.draw(st.binary(max_size=20)) + clean[end:]
    try:
        decode_snapshot(spoiled, "x")
    except EnvparityError as error:
        # `isprintable` would be too strict: a code point that Unicode has not assigned does no harm and is kept.
        assert str(error) == visible(str(error))
