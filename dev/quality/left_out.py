"""The table that `scripts/test` prints after the tests: which tests did not run, why, and how to run them."""

import os
import shutil
import subprocess
import textwrap
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from pathlib import Path

from dev.command.errors import CommandError
from dev.doors.engines import find_engine
from dev.doors.nix import find_nix
from dev.doors.nix_folders import check_owner, nix_folders
from dev.lockenv.environments import was_made
from dev.lockenv.packages import how_to_get
from dev.lockenv.project import Project

# This program exits with 1 if this machine has only loopback addresses.
_ADDRESSES = "import multiaddr.utils as m, sys; sys.exit({ip[:4] for ip in m.get_network_addrs(4)} <= {'127.'})"
_COMMIT = "v0.4-git"
PROGRAMS = {
    "redis": "redis-server",
    "browser": "chromium",
    "clock": "faketime",
    "git": "git",
    "signing": "ssh-keygen",
}
"""Maps the pytest mark of some tests to the program that these tests start.

The mark is also the key of the program's packages in the toolchain file.
"""
_HEADS = ("tests", "where", "why", "how to run them")
_GAP = 3


@dataclass(frozen=True)
class Reason:
    """One reason why tests are left out."""

    mark: str
    """The pytest mark of the tests that are left out."""
    why: str
    how: str
    """The command or the action that makes these tests run."""


def find_reasons(project: Project, python: Path, command: str, *, strict: bool) -> Iterator[Reason]:
    """Yield the reasons why tests are left out on this machine.

    `python` is the Python of a test environment. `command` is the command that the user runs, without `--strict`, for
    example `scripts/test --all`. One of the reasons suggests the same command with `--strict`. Raises CommandError if
    `strict` is set and this machine lacks something that tests need, for example Docker.
    """
    for mark, find, why, how in _looks(project, python):
        try:
            find()
        except CommandError as error:
            if strict:
                raise
            yield Reason(mark, why.replace("{}", str(error)), how)
    if not strict:
        yield Reason("network", "they use the package registries", f"{command} --strict")
    if not was_made(project, _COMMIT):
        yield Reason("commit", f"no environment of {_COMMIT}", f"scripts/ping --track {_COMMIT}")


def _looks(project: Project, python: Path) -> Sequence[tuple[str, Callable[[], object], str, str]]:
    """Return the requirements of tests that this machine may lack, in the order of the table.

    A requirement has four values: the mark of the tests with this requirement, a function that raises CommandError if
    the requirement is missing, the reason that the table shows, and how to get the requirement. In the reason, the text
    of the error replaces `{}`.
    """
    found = [(need, program, how_to_get(project.toolchain, need)) for need, program in PROGRAMS.items()]
    engine, peers = "scripts/offline engine && scripts/offline images", "scripts/matrix --build"
    namespaces = "run as root, on Linux with network namespaces and /dev/net/tun"
    return (
        *((need, partial(_program, program, how), f"no {program} on PATH", how) for need, program, how in found),
        ("docker", find_engine, "no Docker engine", engine),
        ("nix", lambda: _nix(project), "no Nix", "scripts/nix"),
        ("peers", lambda: _peers(project, peers), "the peers of other implementations are not built", peers),
        ("netns", lambda: _namespaces(python), "network namespaces: {}", namespaces),
        ("lan", lambda: _addresses(python), "only a loopback address", "connect to a network"),
    )


def _program(program: str, how: str) -> None:
    if not shutil.which(program):
        raise CommandError(f"expected {program} on PATH, found none; install it with: {how}")


def _nix(project: Project) -> None:
    check_owner(project.root)
    find_nix(nix_folders(project.root))


def _peers(project: Project, build: str) -> None:
    for name in sorted(path.name for path in (project.root / "peers").iterdir() if path.is_dir()):
        if not (project.root / ".cache" / "peers" / name).exists():
            raise CommandError(f"expected the peer {name} to be built, found none; build it with: {build}")


def _namespaces(python: Path) -> None:
    asked: list[str | Path] = [python, "tests/support/netrelay.py", "--check"]
    done = subprocess.run(asked, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise CommandError(done.stdout.strip().removeprefix("netrelay: "))


def _addresses(python: Path) -> None:
    if subprocess.run([python, "-c", _ADDRESSES], check=False).returncode:
        raise CommandError(
            "expected an IP address of this machine other than loopback, found none; connect to a network"
        )


@dataclass(frozen=True)
class Row:
    """One row of the table: the tests that did not run for one reason."""

    tests: frozenset[str]
    """The names of the tests, such as `tests/a/test_b.py::test_c`."""
    why: str
    how: str


def rows(
    reasons: Sequence[Reason], left_out: Mapping[str, Collection[str]], skipped: Mapping[str, Collection[str]]
) -> list[Row]:
    """Return a row for each reason that left tests out, then a row for each message of tests that skipped themselves.

    `left_out` maps a pytest mark to the names of the tests that it left out. `skipped` maps a message of `pytest.skip`,
    which is `why` or `why; how`, to the names of the tests.
    """
    found = [Row(frozenset(left_out.get(one.mark, ())), one.why, one.how) for one in reasons]
    for said, tests in sorted(skipped.items()):
        why, _, how = said.partition("; ")
        found.append(Row(frozenset(tests), why, how or "-"))
    return [row for row in found if row.tests]


def table(found: Sequence[Row], width: int) -> str:
    """Return the rows as a text table, or "" if there are no rows.

    The table is at most `width` characters wide, except for words that are longer. No column becomes narrower than 24
    characters. If `width` is too small for such columns, each row becomes a paragraph.
    """
    if not found:
        return ""
    count = sum(len(row.tests) for row in found)
    title = f"test: {count:,} {'test' if count == 1 else 'tests'} did not run"
    cells = [(f"{len(row.tests):,}", _where(row.tests), row.why, row.how) for row in found]
    widths = [max(len(line[column]) for line in (_HEADS, *cells)) for column in range(len(_HEADS))]
    for column in sorted((1, 2, 3), key=lambda column: -widths[column]):
        over = 1 + sum(widths) + _GAP * (len(widths) - 1) - width
        widths[column] -= max(0, min(over, widths[column] - 24))
    if 1 + sum(widths) + _GAP * (len(widths) - 1) > width:
        return "\n".join([title, *(line for row in cells for line in ("", *_paragraph(row, width)))])
    lines = [_line(_HEADS, widths), " " + "─" * (sum(widths) + _GAP * (len(widths) - 1))]
    for row in cells:
        wrapped = [_wrap(cell, size) for cell, size in zip(row, widths, strict=True)]
        lines += [_line(parts, widths) for parts in zip_longest(*wrapped, fillvalue="")]
    return "\n".join([title, "", *lines])


def _paragraph(cells: tuple[str, str, str, str], width: int) -> list[str]:
    """Return a row of the table as lines: the number of tests, their file or folder, the reason, how to run them."""
    count, where, why, how = cells
    lines = _wrap(f"{count} in {where}: {why}", width - 2) + _wrap(f"run them: {how}", width - 4)
    return [f" {lines[0]}", *(f"   {line}" for line in lines[1:])]


def _wrap(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    words = [first[0].rjust(first[1]), *(cell.ljust(size) for cell, size in others)]
    return " " + (" " * _GAP).join(words).rstrip()


def _where(tests: Collection[str]) -> str:
    """Return the file that contains all the tests, or the closest folder that contains all their files."""
    return os.path.commonpath({name.partition("::")[0] for name in tests})
