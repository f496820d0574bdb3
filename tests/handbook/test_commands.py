"""What each command says of itself."""

import re

import pytest

from handbook.commands import Command, anchor_of, help_of, script_names
from handbook.errors import HandbookError
from lockenv.project import Project

pytestmark = pytest.mark.processes


def test_every_script_is_one_and_each_is_named_once(project: Project, every: tuple[Command, ...]) -> None:
    names = [one.name for one in every]
    assert len(set(names)) == len(names)
    assert {f"scripts/{name}" for name in script_names(project)} <= set(names)
    assert {"envparity", "envparity why", "scripts/bench parity"} <= set(names)


def test_what_a_first_word_chooses_is_there(project: Project, every: tuple[Command, ...]) -> None:
    text = (project.root / "scripts" / "bench").read_text()
    chosen = {word for words in re.findall(r"case \S+ in ([a-z |]+)\)", text) for word in re.findall("[a-z]+", words)}
    chosen |= set(re.findall(r"= ([a-z]+) \]; then\n  shift", text))
    assert chosen == {one.name.split()[1] for one in every if one.name.startswith("scripts/bench ")}
    assert len(chosen) > 3


def test_each_tells_its_usage_what_it_does_and_its_exit_statuses(every: tuple[Command, ...]) -> None:
    for one in every:
        usage, does, *_, statuses = one.help.rstrip().split("\n\n")
        assert usage.startswith(f"usage: {one.name} [-h]"), one.name
        assert re.match(r"[A-Z].*[.?]$", " ".join(does.split())), one.name
        assert "\n  -h, --help " in one.help, one.name
        assert re.search(r"Exit status: 0 .*; 2 .*\.$", " ".join(statuses.split())), one.name
        assert max(map(len, one.help.splitlines())) <= 100, one.name


def test_the_first_sentence_is_what_it_does() -> None:
    one = Command(
        "scripts/x y", "usage: scripts/x y [-h]\n\nMakes a thing\nof two. And more.\n\nExit status: 0 done.\n"
    )
    assert (one.does, one.anchor) == ("Makes a thing of two", "scriptsx-y")
    assert anchor_of("Is it what the lock says?") == "is-it-what-the-lock-says"


def test_a_command_without_help(project: Project) -> None:
    with pytest.raises(HandbookError, match=r"^none --help: expected status 0 and `usage: none …`, found 1: nothing$"):
        help_of(project, ["sh", "-c", "exit 1"], "none")
