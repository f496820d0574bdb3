"""Tests of showing text of unknown origin: control characters become escapes, and a long text is cut in the middle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dev.matrix.text import cut, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain <b> & 名", "plain <b> & 名"),
        ("\x1b[31m\0\n\t", "\\x1b[31m\\x00\\x0a\\x09"),
        ("a\u202egnp\u200b", "a\\u202egnp\\u200b"),
        ("\ud800\U000e0041", "\\ud800\\U000e0041"),
    ],
)
def test_control_characters_are_spelled_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_the_characters_to_keep_are_kept() -> None:
    assert visible("a\n\tb\r\x1b", keep="\n\t") == "a\n\tb\\x0d\\x1b"


@given(st.text(), st.integers(0, 9), st.integers(1, 9))
def test_a_cut_text_has_its_beginning_and_its_end(text: str, head: int, tail: int) -> None:
    beginning, left, end = cut(text, head, tail)
    assert len(beginning) + left + len(end) == len(text)
    assert text.startswith(beginning)
    assert text.endswith(end)
    assert left == 0 or (len(beginning), len(end)) == (head, tail)
