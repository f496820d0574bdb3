"""Tests of `envparity explain`, which explains the code of a finding (an error or a note), such as `path-contested`."""

import pytest

from envparity.cli.explain import explain
from envparity.errors import EnvparityError
from envparity.judge.registry import EVERY_RULE


@pytest.mark.parametrize("code", EVERY_RULE)
def test_each_code_is_explained(code: str) -> None:
    text = explain(code)
    one = EVERY_RULE[code]
    assert text.startswith(f"{code}: {one.title}\n")
    flat = " ".join(text.split())
    assert one.meaning in flat
    assert one.fix in flat
    assert f"Family: {one.family}. Usually {'an error' if one.severity == 'error' else 'a note'}." in text
    assert max(map(len, text.splitlines())) <= 100


def test_without_a_code_each_has_a_line() -> None:
    lines = explain(None).splitlines()
    assert [line.split()[0] for line in lines] == list(EVERY_RULE)
    assert all(EVERY_RULE[line.split()[0]].title in line for line in lines)


def test_a_misspelt_code_gives_similar_codes() -> None:
    with pytest.raises(EnvparityError) as caught:
        explain("path-contestd")
    assert str(caught.value).startswith(
        "explain: expected a code that `envparity explain` lists, found 'path-contestd'; similar codes: path-contested"
    )


def test_another_text_gives_a_one_line_error() -> None:
    with pytest.raises(EnvparityError) as caught:
        explain("\x1b[2J" + "x" * 10000)
    assert str(caught.value).startswith("explain: expected a code that `envparity explain` lists, found '\\x1b[2Jxxx")
    assert len(str(caught.value)) < 150
