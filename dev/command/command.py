"""One command of `scripts/`: its options, its exit statuses, and how it runs and ends."""

import os
import signal
import subprocess
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from dev.command.errors import CommandError
from dev.command.surroundings import settle

ROOT = Path(__file__).resolve().parents[2]
"""The checkout that this file belongs to."""

_STOPS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
_EVERY = {2: "the command line is wrong", 3: "something is missing, and the error message names it"}
_STOPPED = "129, 130, 143 stopped by SIGHUP, SIGINT, SIGTERM"


def _nothing(_parser: ArgumentParser) -> None:
    """Add no options to the parser."""


@dataclass(frozen=True)
class Command:
    """One command of `scripts/`: its name, help, options and exit statuses, and the function that does its work.

    `run` gets the parsed options, works in the checkout's folder, and returns the exit status. It may raise
    CommandError, OSError, or an error of a class in `errors`, for example EnvparityError. Such an error ends the
    command, and the command prints the error as one line.
    """

    name: str
    """The words that a person types after `prefix`, for example `quality coverage`."""
    does: str
    """The description in `--help`, in sentences.

    The first sentence is also the command's line in docs/reference/commands.md.
    """
    statuses: Mapping[int, str]
    """Maps each exit status to its meaning.

    `explain_statuses` adds 2 and 3 if they are missing, and the statuses after a signal.
    """
    run: Callable[[Namespace], int]
    add: Callable[[ArgumentParser], None] = _nothing
    """Adds the options to a parser."""
    usage: str | None = None
    """The usage line in `--help`, if the line that argparse would write is wrong. None lets argparse write the line."""
    more: str = ""
    """More sentences for the end of `--help`, before the exit statuses."""
    errors: tuple[type[Exception], ...] = field(default=())
    passes_on: bool = False
    """Whether the command passes arguments on to the program that it runs.

    If so, `options.rest` holds the first word that the command does not know, and every word after it. The command's
    own options come first, and take no value.
    """
    prefix: str = "scripts/"
    """The text that a person types before `name`."""

    def explain_statuses(self) -> str:
        """Return the sentence of `--help` that lists every exit status."""
        every = sorted((_EVERY | dict(self.statuses)).items())
        return f"Exit status: {'; '.join(f'{status} {meaning}' for status, meaning in every)}; {_STOPPED}."

    def parser(self) -> ArgumentParser:
        """Return the argparse parser of the command line."""
        parser = ArgumentParser(
            f"{self.prefix}{self.name}",
            allow_abbrev=False,
            usage=self.usage,
            description=self.does,
            epilog=f"{self.more} {self.explain_statuses()}".strip(),
        )
        self.add(parser)
        return parser

    def main(self, arguments: Sequence[str]) -> int:
        """Run the command with `arguments`, as a person typed them, and return the exit status.

        Raises SystemExit if `arguments` contain `--help` or a wrong option.
        """
        parser = self.parser()
        own = len(arguments)
        if self.passes_on:
            own = next((count for count, word in enumerate(arguments) if parser.parse_known_args([word])[1]), own)
        options = parser.parse_args(arguments[:own])
        options.rest = list(arguments[own:])

        def work() -> int:
            enter_checkout()
            return self.run(options)

        return guard(self.name, work, self.errors, prefix=self.prefix)


Commands = Mapping[str, Command]
"""Maps the word that chooses a command to the command. Example of a word: `coverage` in `scripts/quality coverage`."""


def main_of(name: str, does: str, commands: Commands, arguments: Sequence[str], default: str | None = None) -> int:
    """Run the command that the first of `arguments` names, and return its exit status.

    If the first argument is an option or is missing, run the command `default`. `name` is the name of the script in
    `scripts/`, and `does` is its description in `--help`. `--help` as the first argument lists every command of the
    script. Raises SystemExit after this list, if the script has no command of that name, or if `default` is None and
    there is no command to run.
    """
    chosen = arguments[0] if arguments and not arguments[0].startswith("-") else None
    if chosen is not None and chosen in commands:
        return commands[chosen].main(arguments[1:])
    if chosen is None and default is not None and not {"-h", "--help"} & set(arguments):
        return commands[default].main(arguments)
    every = ArgumentParser(
        f"scripts/{name}",
        allow_abbrev=False,
        usage=f"scripts/{name} [-h] {{{','.join(commands)}}} ...",
        description=does,
        epilog=f"Each command has its own help, for example: scripts/{name} {next(iter(commands))} --help",
    )
    words = every.add_argument_group("commands")
    for word, one in commands.items():
        words.add_argument(word, nargs="?", help=one.does.partition(". ")[0].rstrip("."))
    if chosen is not None:
        every.error(f"expected one of {', '.join(commands)}, found {chosen}")
    every.parse_args(arguments or ["--help"])
    return 0


def path(text: str) -> Path:
    """Return a path from the command line as an absolute path.

    A relative path is relative to the caller's folder. While argparse parses the options, this is still the current
    folder. Raises ArgumentTypeError if the caller's folder no longer exists.
    """
    try:
        return Path.cwd() / text
    except OSError as error:  # somebody removed the caller's folder
        raise ArgumentTypeError(f"expected the current folder to exist, found: {error.strerror}") from error


def positive(text: str) -> int:
    """Return a whole number from the command line; raise ArgumentTypeError if it is not from 1 to 999999."""
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) < 1_000_000:
        raise ArgumentTypeError(f"expected a whole number from 1 to 999999, found {text[:20]!r}")
    return int(text)


def enter_checkout() -> None:
    """Prepare the environment variables with `settle`, then change to the checkout's folder.

    This order matters, because a variable may hold a path that is relative to the caller's folder.
    """
    settle()
    os.chdir(ROOT)


def guard(
    name: str,
    work: Callable[[], int],
    errors: tuple[type[Exception], ...] = (),
    cannot: int | None = None,
    prefix: str = "scripts/",
) -> int:
    """Call `work` and return its exit status. If `work` raises an error, print the error as one line on standard error.

    The line begins with `prefix` and `name`. After an error, the status is `cannot`. If `cannot` is None, a
    CommandError has its own status, and an OSError or an error of the classes in `errors` has the status 3. After a
    BrokenPipeError of `work`, this function prints nothing and the status is 141. It catches no other error of `work`.

    After `work`, this function flushes standard output. If the flush fails, for example because the disk is full, this
    counts as an OSError of `work`. If the flush fails because the reader has closed the pipe, this is no error.
    """
    name = prefix + name
    other = CommandError.status if cannot is None else cannot
    try:
        status = work()
    except CommandError as error:
        return _fail(name, error, error.status if cannot is None else cannot)
    except BrokenPipeError:
        _discard_output()
        return 128 + signal.SIGPIPE
    except OSError as error:
        return _fail(name, f"expected no error from the system, found: {error}", other)
    except errors as error:
        return _fail(name, error, other)
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # the reader stopped reading, as `head` does
        _discard_output()
    except OSError as error:
        _discard_output()
        return _fail(name, f"standard output: expected to write the result there, found: {error.strerror}", other)
    return status


def _fail(name: str, said: object, status: int) -> int:
    print(f"{name}: {said}", file=sys.stderr)
    return status


def _discard_output() -> None:
    # Python flushes standard output when it exits. Without the next line, this flush would fail a second time.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run_child(words: Sequence[str | Path]) -> int:
    """Run a program with this process's input and output; return its exit status, or 128 + n if signal n ended it.

    If a signal stops this process, this process first stops the program and waits until the program has ended. So the
    program can remove its files. Raises OSError if the program cannot be started.
    """
    with subprocess.Popen(words) as child:
        try:
            status = child.wait()
        except KeyboardInterrupt as stopped:
            if stopped.args != (signal.SIGINT,):  # a terminal sends SIGINT to the program, too
                child.send_signal(signal.SIGINT)
            child.wait()
            raise
    return status if status >= 0 else 128 - status


def run_until_stopped(main: Callable[[], int]) -> NoReturn:
    """Run `main` and end the process with its status, or with 128 + n if signal n stopped it.

    A signal raises KeyboardInterrupt, so that every `with` and `finally` block removes its temporary folders and ends
    its child processes.
    """
    for number in _STOPS:
        signal.signal(number, _stop)
    try:
        sys.exit(main())
    except KeyboardInterrupt as stopped:
        sys.exit(128 + (stopped.args[0] if stopped.args else signal.SIGINT))


def _stop(number: int, _frame: object) -> NoReturn:
    for one in _STOPS:  # one signal is enough: a second one must not interrupt the cleanup
        signal.signal(one, signal.SIG_IGN)
    raise KeyboardInterrupt(number)
