"""`scripts/check`: runs the linters and the type checker, for people, pre-commit and CI."""

import re
import shutil
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from dev.command.command import Command, run_child
from dev.doors.sources import list_sources
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.fresh import check_fresh
from dev.lockenv.project import this_project
from dev.lockenv.support import ending, read_support

_SHELL = re.compile(rb"#!.*[ /](ba)?sh\n")
_SOURCES = "dev/quality/linters"
_ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint"
_CARGO_BUILD = ("cargo", "build", "-q", "--release", "--locked", "--manifest-path")


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit status."""
    return COMMAND.main(arguments)


def tool(name: str) -> Path:
    """Return the path of a program of the tools environment, such as `ruff`.

    `scripts/check` runs in the tools environment, so the program is in the same folder as the running Python.
    """
    return Path(sys.executable).with_name(name)


def files(*patterns: str) -> list[str]:
    """Return the files of the checkout that match one of `patterns`, or all files if there are no patterns.

    A pattern has the form of a line in .gitignore, for example `*.yml`.
    """
    return list_sources(Path.cwd(), *patterns)


def shell_scripts() -> list[str]:
    """Return the files of the checkout whose first line names sh or bash."""
    return [name for name in files() if _SHELL.match(Path(name).read_bytes()[:200])]


def python_files() -> list[str]:
    """Return the Python files of the checkout."""
    return files("*.py", "*.pyi")


def test_pythons() -> dict[str, Path]:
    """Return a dict from track to the Python of its test environment; make an environment that is missing.

    A track is one pinned version of libp2p, such as v0.4. The dict has every track with a released libp2p.
    """
    maker = EnvironmentMaker(this_project())
    return {track: maker.test(track) for track in maker.project.released_tracks}


class Linter(NamedTuple):
    """One linter, its files and the commands that run it."""

    name: str
    files: Callable[[], Sequence[str]]
    """Returns the files that the linter looks at. The linter runs only if the checkout has at least one of them."""
    commands: Callable[[bool, Sequence[str]], Iterable[Sequence[str | Path]]]
    """Returns the command lines of the linter, for two arguments: whether to fix files, and the names of the files.

    Each command runs only if the previous command succeeded.
    """
    needs: tuple[str, str] | None = None
    """A program that the linter needs, and its name in a message, such as `("cargo", "Rust's cargo")`.

    None means that the linter needs only the programs of this project's own environments.
    """


# Each command names its files. A linter that looks for files itself would ask git. Then it would find no files in an
# archive without git, or in a folder that the .gitignore of another checkout names.
LINTERS = (
    Linter(
        "ruff",
        python_files,
        lambda fix, names: (
            [tool("ruff"), "check", *(["--fix"] if fix else []), "--quiet", *names],
            [tool("ruff"), "format", *([] if fix else ["--check"]), "--quiet", *names],
        ),
    ),
    # mypy runs once for each track, because the code must type-check against each version of libp2p.
    Linter(
        "mypy",
        python_files,
        lambda _, __: (
            [python, "-m", "mypy", "--cache-dir", f".cache/mypy-{track}"] for track, python in test_pythons().items()
        ),
    ),
    Linter("shellcheck", shell_scripts, lambda _, names: ([tool("shellcheck"), *names],)),
    Linter(
        "yamllint",
        lambda: files("*.yml", "*.yaml"),
        lambda _, names: ([tool("yamllint"), "--strict", *names],),
    ),
    Linter(
        "hadolint",
        lambda: files("*Dockerfile", "*Dockerfile.*"),
        lambda _, names: ([tool("hadolint"), *names],),
    ),
    Linter(
        "zizmor",
        lambda: files("action.yml", "/.github/workflows/*.yml", "/.github/dependabot.yml"),
        lambda _, names: ([tool("zizmor"), "--quiet", "--offline", *names],),
    ),
    Linter(
        "actionlint",
        lambda: files("/.github/workflows/*.yml"),
        lambda _, names: (
            ["go", "build", "-C", f"{_SOURCES}/actionlint", "-mod=readonly", "-o", _built("actionlint"), _ACTIONLINT],
            [_built("actionlint"), *names],
        ),
        ("go", "Go 1.25 or later"),
    ),
    Linter(
        "nixfmt",
        lambda: files("*.nix"),
        lambda fix, names: (
            [*_CARGO_BUILD, f"{_SOURCES}/nixfmt/Cargo.toml", "--target-dir", _built("nixfmt")],
            [_built("nixfmt/release/nixfmt"), *([] if fix else ["--check"]), *names],
        ),
        ("cargo", "Rust's cargo"),
    ),
)
_BY_NAME = {linter.name: linter for linter in LINTERS}


def _built(name: str) -> Path:
    return Path.cwd() / ".cache" / name


def _check(options: Namespace) -> int:
    project = this_project()
    for name in project.groups:
        check_fresh(project.root, name, project.lock(name).read_bytes())
    if not options.names:
        for line in ending(read_support(project.root, project.pythons_of("tools")), datetime.now(UTC).date()):
            print(f"check: {line}", file=sys.stderr)
    failed = [linter.name for linter in options.names or LINTERS if not _passes(linter, options)]
    if failed:
        print(f"scripts/check: failed: {' '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _passes(linter: Linter, options: Namespace) -> bool:
    """Run a linter, and return whether it passed. If it passed, print the number of its files and its time.

    A linter that cannot run counts as passed, unless `--strict` is set. For such a linter this function prints
    `skipped` and the reason, and never `ok`.
    """
    began = time.monotonic()
    lack = f"it needs {linter.needs[1]}" if linter.needs and not shutil.which(linter.needs[0]) else None
    names = linter.files()
    if lack is None and not names:
        lack = f"it has no file to check below {Path.cwd()}"
    if lack is not None:
        print(f"check: {linter.name} skipped: {lack}", file=sys.stderr)
        return not options.strict
    passed = all(run_child(words) == 0 for words in linter.commands(options.fix, names))
    if passed:
        count = f"{len(names)} file{'' if len(names) == 1 else 's'}"
        print(f"check: {linter.name} ok ({count}, {time.monotonic() - began:.0f} s)", flush=True)
    return passed


def _linter(name: str) -> Linter:
    if name not in _BY_NAME:
        raise ArgumentTypeError(f"expected one of {' '.join(_BY_NAME)}, found {name}")
    return _BY_NAME[name]


def _options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "names",
        nargs="*",
        metavar="NAME",
        type=_linter,
        help=f"run only these linters: {', '.join(_BY_NAME)} (default: all)",
    )
    add("--fix", action="store_true", help="let the linters fix files")
    add("--strict", action="store_true", help="fail if the command skips a linter")


COMMAND = Command(
    name="check",
    does="Run the linters and the type checker. If this machine lacks a program that a linter needs, scripts/check "
    "skips the linter and says so.",
    statuses={0: "no linter found a problem", 1: "a linter found a problem", 3: "an environment could not be made"},
    run=_check,
    add=_options,
)
