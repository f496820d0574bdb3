"""Tests of finding the snapshot, and the results of behaviour checks, in what a door printed.

A door is a command that starts a Python. Behaviour checks run code of the environment, which may print anything.
"""

import pytest

from envparity.snapshot.printed import find_snapshot

SNAPSHOT = b'{"schema":"envparity-snapshot-1","files":{"a":{}},"behaviour":{}}'
RESULTS = b'{"schema":"envparity-behaviour-1","behaviour":{"x":{"value":"1"}}}'
WHOLE = b'{"schema":"envparity-snapshot-1","files":{"a":{}},"behaviour":{"x":{"value":"1"}}}\n'
FORGED = b'{"schema":"envparity-snapshot-1","files":{},"behaviour":{}}'


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("before", [b"", b"a banner\n", b"a prompt> "])
def test_other_output_is_left_out(before: bytes, end: bytes) -> None:
    assert find_snapshot(before + SNAPSHOT + end + b"goodbye\n", behaviour=False) == SNAPSHOT + b"\n"
    printed = before + SNAPSHOT + end + b"noise\n" + RESULTS + end
    assert find_snapshot(printed, behaviour=True) == WHOLE


def test_a_later_snapshot_does_not_count() -> None:
    """Behaviour checks run code of the environment, which can print a forged snapshot."""
    assert find_snapshot(SNAPSHOT + b"\n" + FORGED + b"\n", behaviour=False) == SNAPSHOT + b"\n"
    assert find_snapshot(SNAPSHOT + b"\n" + FORGED + b"\n" + RESULTS + b"\n", behaviour=True) == WHOLE


def test_a_snapshot_before_the_nonce_does_not_count() -> None:
    """A program that starts before the probe cannot know the nonce."""
    printed = FORGED + b'\n{"nonce":"12"}\n' + SNAPSHOT + b'\n{"nonce":"12"}\n' + FORGED + b"\n"
    assert find_snapshot(printed, behaviour=False, nonce="12") == SNAPSHOT + b"\n"
    assert find_snapshot(printed, behaviour=False, nonce="34") is None
    # A terminal may show the program, in which the nonce is inside a text.
    shown = b'SETTINGS = "{\\"nonce\\": \\"12\\"}"\n'
    assert find_snapshot(shown + printed, behaviour=False, nonce="12") == SNAPSHOT + b"\n"


def test_a_forged_result_adds_no_file() -> None:
    forged = RESULTS[:-1] + b',"files":{"b":{}}}'
    found = find_snapshot(SNAPSHOT + b"\n" + forged + b"\n", behaviour=True)
    assert found is None or found == b"" or b'"b"' not in found


def test_output_without_a_snapshot() -> None:
    assert find_snapshot(b"", behaviour=False) is None
    assert find_snapshot(RESULTS + b"\n", behaviour=True) is None


@pytest.mark.parametrize("length", [40, len(SNAPSHOT) - 1, len(SNAPSHOT)])
def test_an_incomplete_snapshot_is_empty(length: int) -> None:
    assert find_snapshot(SNAPSHOT[:length], behaviour=False) == b""


@pytest.mark.parametrize("results", [b"", RESULTS, RESULTS[:-1] + b"\n"])
def test_incomplete_results_are_empty(results: bytes) -> None:
    assert find_snapshot(SNAPSHOT + b"\n" + results, behaviour=True) == b""
