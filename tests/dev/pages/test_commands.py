"""Tests of docs/reference/commands.md, the page with the help of each command."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from dev.command.errors import CommandError
from dev.lockenv.project import Project
from dev.pages.commands import CommandHelp, anchor_of, help_of

pytestmark = pytest.mark.processes


def test_every_script_is_on_the_page_once(project: Project, commands: tuple[CommandHelp, ...]) -> None:
    names = [one.name for one in commands]
    assert len(set(names)) == len(names)
    assert {f"scripts/{path.name}" for path in (project.root / "scripts").iterdir()} <= set(names)
    assert {"envparity", "envparity why", "scripts/bench parity", "scripts/quality coverage"} <= set(names)


def test_each_help_has_its_usage_its_purpose_and_its_exit_statuses(commands: tuple[CommandHelp, ...]) -> None:
    for one in commands:
        if one.words and one.name != "envparity":  # The help of a group only lists its commands.
            continue
        usage, does, *_, statuses = one.text.rstrip().split("\n\n")
        assert usage.startswith(f"usage: {one.name} [-h]"), one.name
        assert re.match(r"[A-Z].*[.?]$", " ".join(does.split())), one.name
        assert "\n  -h, --help " in one.text, one.name
        assert re.search(r"Exit status: 0 .*; 2 .*\.$", " ".join(statuses.split())), one.name
        assert max(map(len, one.text.splitlines())) <= 100, one.name


@pytest.mark.slow
def test_no_command_accepts_an_abbreviated_option(project: Project, commands: tuple[CommandHelp, ...]) -> None:
    """`scripts/lock --upgrad` once counted as --upgrade, and upgraded every pinned version."""
    asked: dict[str, list[str]] = {}
    for one in commands:
        options = [option for option in re.findall(r"(?m)^  (?:-\w, )?(--[a-z-]+)", one.text) if option != "--help"]
        if (
            options and not one.words and one.name not in ("scripts/nix", "scripts/test")
        ):  # these two pass unknown options to another program
            words = one.name.split()
            program = project.environment("tools") / "bin" / "envparity" if words[0] == "envparity" else words[0]
            asked[one.name] = [str(program), *words[1:], max(options, key=len)[:-1]]
    assert len(asked) > 20

    def ask(words: list[str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            words, cwd=project.root, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60
        )

    with ThreadPoolExecutor(2) as pool:
        for name, done in zip(asked, pool.map(ask, asked.values()), strict=True):
            assert (done.returncode, done.stdout) == (2, ""), name
            assert name in done.stderr, done.stderr
            assert asked[name][-1] in done.stderr or "arguments are required" in done.stderr, done.stderr


def test_the_first_sentence_of_the_help_is_the_purpose() -> None:
    one = CommandHelp(
        "scripts/x y", "usage: scripts/x y [-h]\n\nMakes a thing\nof two. And more.\n\nExit status: 0 done.\n"
    )
    assert (one.does, one.anchor) == ("Makes a thing of two", "scriptsx-y")
    assert anchor_of("Is it what the lock says?") == "is-it-what-the-lock-says"


def test_a_command_without_help_is_an_error(project: Project) -> None:
    with pytest.raises(CommandError, match=r"^none --help: expected status 0 and `usage: none …`, found 1: nothing$"):
        help_of(project, "none", ["sh", "-c", "exit 1"])
