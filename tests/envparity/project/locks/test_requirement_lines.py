"""Tests of how the lines of a requirements file are read."""

from pathlib import Path

import pytest

from envparity.project.locks.requirement_lines import lines_of, option_of


def test_lines_are_joined_and_comments_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIN", "2")
    text = "# first\nalpha==1 \\\n  --hash=sha256:aa  # why\n\nbeta==${PIN} # two\nhttps://example.com/a#egg=a\n"
    found = [(line.words, line.number) for line in lines_of(text, Path("r.txt"))]
    assert found == [("alpha==1   --hash=sha256:aa", 2), ("beta==2", 5), ("https://example.com/a#egg=a", 6)]


@pytest.mark.parametrize(
    ("words", "option"),
    [
        ("-r more.txt", ("-r", "more.txt")),
        ("-rmore.txt", ("-r", "more.txt")),
        ("--requirement=more.txt", ("--requirement", "more.txt")),
        ("-c 'with space.txt'", ("-c", "with space.txt")),
        ("--no-binary :all:", ("--no-binary", ":all:")),
        ("alpha==1", ("", "")),
    ],
)
def test_an_option_may_be_written_in_several_ways(words: str, option: tuple[str, str]) -> None:
    assert option_of(words) == option
