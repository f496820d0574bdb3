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
from dev.lockenv.command import run
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.fresh import check_fresh
from dev.lockenv.project import this_project
from dev.lockenv.support import ending, read_support

_SHELL = re.compile(rb"#!.*[ /](ba)?sh\n")
_SOURCES = "dev/quality/linters"
_ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint"
_DOCKERFILES = ("*Dockerfile", "*Dockerfile.*")
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
    """Return the files of the checkout that match one of git's patterns, without the files that git ignores.

    Raises CommandError if git fails.
    """
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    names = run(listed, purpose="listing the files of the checkout").split("\0")
    return [name for name in names if Path(name).is_file()]


def shell_scripts() -> list[str]:
    """Return the files of the checkout whose first line names sh or bash."""
    return [name for name in files(".") if _SHELL.match(Path(name).read_bytes()[:200])]


def test_pythons() -> dict[str, Path]:
    """Return a dict from track to the Python of its test environment; make an environment that is missing.

    A track is one pinned release line of libp2p, such as v0.4. The dict has every track with a released libp2p.
    """
    maker = EnvironmentMaker(this_project())
    return {track: maker.test(track) for track in maker.project.released_tracks}


class Linter(NamedTuple):
    """One linter and the commands that run it."""

    name: str
    commands: Callable[[bool], Iterable[Sequence[str | Path]]]
    """Returns the linter's command lines; its argument says whether the linter may fix files.

    Each command runs only if the previous command succeeded.
    """
    only: Sequence[str] = ()
    """If set, the linter runs only if the checkout has files that match one of these patterns."""
    needs: tuple[str, str] | None = None
    """A program that the linter needs, and its name in a message, such as `("cargo", "Rust's cargo")`."""


LINTERS = (
    Linter(
        "ruff",
        lambda fix: (
            [tool("ruff"), "check", *(["--fix"] if fix else []), "--quiet", "."],
            [tool("ruff"), "format", *([] if fix else ["--check"]), "--quiet", "."],
        ),
    ),
    # mypy runs once for each track, because the code must type-check against each version of libp2p.
    Linter(
        "mypy",
        lambda _: (
            [python, "-m", "mypy", "--cache-dir", f".cache/mypy-{track}"] for track, python in test_pythons().items()
        ),
    ),
    Linter("shellcheck", lambda _: ([tool("shellcheck"), *shell_scripts()],)),
    Linter("yamllint", lambda _: ([tool("yamllint"), "--strict", *files("*.yml", "*.yaml")],), ("*.yml", "*.yaml")),
    Linter("hadolint", lambda _: ([tool("hadolint"), *files(*_DOCKERFILES)],), _DOCKERFILES),
    Linter("zizmor", lambda _: ([tool("zizmor"), "--quiet", "--offline", "action.yml", ".github"],)),
    Linter(
        "actionlint",
        lambda _: (
            ["go", "build", "-C", f"{_SOURCES}/actionlint", "-mod=readonly", "-o", _built("actionlint"), _ACTIONLINT],
            [_built("actionlint")],
        ),
        (".github/workflows",),
        ("go", "Go 1.25 or later"),
    ),
    Linter(
        "nixfmt",
        lambda fix: (
            [*_CARGO_BUILD, f"{_SOURCES}/nixfmt/Cargo.toml", "--target-dir", _built("nixfmt")],
            [_built("nixfmt/release/nixfmt"), *([] if fix else ["--check"]), *files("*.nix")],
        ),
        ("*.nix",),
        ("cargo", "Rust's cargo"),
    ),
)
_BY_NAME = {linter.name: linter for linter in LINTERS}


def _built(name: str) -> Path:
    return Path.cwd() / ".cache" / name


def _check(options: Namespace) -> int:
    failed = []
    project = this_project()
    for name in project.groups:
        check_fresh(project.root, name, project.lock(name).read_bytes())
    if not options.names:
        for line in ending(read_support(project.root), datetime.now(UTC).date()):
            print(f"check: {line}", file=sys.stderr)
    for linter in options.names or LINTERS:
        began = time.monotonic()
        if _passes(linter, options):
            print(f"check: {linter.name} ok ({time.monotonic() - began:.0f} s)", flush=True)
        else:
            failed.append(linter.name)
    if failed:
        print(f"scripts/check: failed: {' '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _passes(linter: Linter, options: Namespace) -> bool:
    if linter.only and not files(*linter.only):
        return True
    if linter.needs and not shutil.which(linter.needs[0]):
        print(f"check: {linter.name} skipped: it needs {linter.needs[1]}", file=sys.stderr)
        return not options.strict
    return all(run_child(words) == 0 for words in linter.commands(options.fix))


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
