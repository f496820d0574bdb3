"""Tests of commands and their parser: `--help` lists the exit statuses, and an error shows the command's usage."""

from argparse import ArgumentParser, Namespace

import pytest

from envparity.cli.command import ANSWERED, STATUSES, Command, make_parser, parse
from envparity.project.config import Config


def run(_config: Config, options: Namespace) -> int:
    return int(options.count)


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--count", type=int, default=0)


COUNT = Command("count", "count to a number", ANSWERED, add, run)


def test_the_options_hold_the_function_that_the_command_runs() -> None:
    options = parse(make_parser([COUNT]), ["count", "--count", "7"])
    assert options.run is run
    assert (options.command, options.count, options.project) == ("count", 7, None)


def test_help_says_what_a_command_does_and_what_its_statuses_mean(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, expected in ((["--help"], STATUSES), (["count", "--help"], ANSWERED)):
        with pytest.raises(SystemExit, match=r"^0$"):
            parse(make_parser([COUNT]), arguments)
        said = " ".join(capsys.readouterr().out.split())
        assert "ount to a number" in said
        assert said.endswith(expected)


@pytest.mark.parametrize(("called", "name"), [(None, "envparity count"), ({"count": "scripts/count"}, "scripts/count")])
def test_an_error_shows_the_usage_of_the_command(
    called: dict[str, str] | None, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for wrong in (["--nope"], ["--coun", "1"], ["--count", "x"]):
        with pytest.raises(SystemExit, match=r"^2$"):
            parse(make_parser([COUNT], called), ["count", *wrong])
        assert capsys.readouterr().err.startswith(f"usage: {name} [-h] [--count COUNT]\n")
