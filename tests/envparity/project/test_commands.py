"""Tests of filling in the commands and places of pyproject.toml."""

import pytest

from envparity.errors import EnvparityError
from envparity.project.commands import filled, words_of


def test_the_track_is_filled_in() -> None:
    assert filled(".venv-{track} .#{track_}", "door nix", "v0.4-git") == ".venv-v0.4-git .#v0_4_git"
    assert filled("image:shop", "door image", None) == "image:shop"


def test_a_path_with_a_space_is_one_word() -> None:
    words = words_of("make {track} --into {folder}", "rebuild venv", "one", {"folder": "a b/{track}"})
    assert words == ("make", "one", "--into", "a b/{track}")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("run {track}", "door x: expected --track TRACK, because 'run {track}' contains {track}, found none"),
        ("run 'it", 'door x: expected a command, found "run \'it": No closing quotation'),
        ("''", "door x: expected a command, found an empty text"),
    ],
)
def test_a_wrong_command_is_one_line(text: str, says: str) -> None:
    with pytest.raises(EnvparityError) as caught:
        words_of(text, "door x", None)
    assert str(caught.value) == says
