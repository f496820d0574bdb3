"""`scripts/check`: linters and types, for people, pre-commit and CI."""

import re
import shutil
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dev.command.command import Command, run_child
from dev.lockenv.command import run
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import this_project

_SHELL = re.compile(rb"#!.*[ /](ba)?sh\n")
_SOURCES = "dev/quality/linters"
_ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint"
_CARGO_BUILD = ("cargo", "build", "-q", "--release", "--locked", "--manifest-path")


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit status."""
    return COMMAND.main(arguments)


@dataclass(frozen=True)
class Checkout:
    """The checkout that is checked, and how."""

    maker: EnvironmentMaker
    fix: bool
    """Whether files may be changed."""

    @property
    def root(self) -> Path:
        """The folder of the checkout."""
        return self.maker.project.root

    def tool(self, name: str) -> Path:
        """Return a program of the tools' environment, which is the one that runs this."""
        return Path(sys.executable).with_name(name)

    def built(self, name: str) -> Path:
        """Return where a linter that is built here is put."""
        return self.root / ".cache" / name

    def files(self, *patterns: str) -> list[str]:
        """Return the files that match, those that git ignores aside."""
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
        names = run(listed, purpose="listing the files of the checkout", cwd=self.root).split("\0")
        return [name for name in names if name and (self.root / name).is_file()]

    def shell_scripts(self) -> list[str]:
        """Return the files that a shell runs, by their first line."""
        return [name for name in self.files(".") if _is_shell_script(self.root / name)]

    def when_fixing(self, *options: str) -> Sequence[str]:
        """Return the options where files may be changed, else none."""
        return options if self.fix else ()

    def unless_fixing(self, *options: str) -> Sequence[str]:
        """Return the options where no file may be changed, else none."""
        return () if self.fix else options

    def test_pythons(self) -> dict[str, Path]:
        """Return the Python of the test environment of each track whose library is a release."""
        return {track: self.maker.test(track) for track in self.maker.project.released_tracks}


def _is_shell_script(path: Path) -> bool:
    with path.open("rb") as file:
        return bool(_SHELL.fullmatch(file.readline(200)))


Words = Sequence[str | Path]


@dataclass(frozen=True)
class Linter:
    """One linter."""

    name: str
    commands: Callable[[Checkout], Iterable[Words]]
    """Its command lines; the next one runs where the one before it succeeded."""
    only: Sequence[str] = field(default=())
    """The patterns of its files, where it has work only if the checkout has such files."""
    needs: tuple[str, str] | None = None
    """A program that this machine may lack, and what it is called in a sentence."""


LINTERS = (
    Linter(
        "ruff",
        lambda at: (
            [at.tool("ruff"), "check", *at.when_fixing("--fix"), "--quiet", "."],
            [at.tool("ruff"), "format", *at.unless_fixing("--check"), "--quiet", "."],
        ),
    ),
    # On each line of the library, because the code is typed against each.
    Linter(
        "mypy",
        lambda at: (
            [python, "-m", "mypy", "--cache-dir", f".cache/mypy-{track}"] for track, python in at.test_pythons().items()
        ),
    ),
    Linter("shellcheck", lambda at: ([at.tool("shellcheck"), *at.shell_scripts()],)),
    Linter(
        "yamllint",
        lambda at: ([at.tool("yamllint"), "--strict", *at.files("*.yml", "*.yaml")],),
        only=("*.yml", "*.yaml"),
    ),
    Linter(
        "hadolint",
        lambda at: ([at.tool("hadolint"), *at.files("*Dockerfile", "*Dockerfile.*")],),
        only=("*Dockerfile", "*Dockerfile.*"),
    ),
    Linter("zizmor", lambda at: ([at.tool("zizmor"), "--quiet", "--offline", "action.yml", ".github"],)),
    Linter(
        "actionlint",
        lambda at: (
            ["go", "build", "-C", f"{_SOURCES}/actionlint", "-mod=readonly", "-o", at.built("actionlint"), _ACTIONLINT],
            [at.built("actionlint")],
        ),
        only=(".github/workflows",),
        needs=("go", "Go 1.25 or later"),
    ),
    Linter(
        "nixfmt",
        lambda at: (
            [*_CARGO_BUILD, f"{_SOURCES}/nixfmt/Cargo.toml", "--target-dir", at.built("nixfmt")],
            [at.built("nixfmt/release/nixfmt"), *at.unless_fixing("--check"), *at.files("*.nix")],
        ),
        only=("*.nix",),
        needs=("cargo", "Rust's cargo"),
    ),
)
_BY_NAME = {linter.name: linter for linter in LINTERS}


def _check(options: Namespace) -> int:
    checkout = Checkout(EnvironmentMaker(this_project()), options.fix)
    failed = []
    for linter in options.names or LINTERS:
        began = time.monotonic()
        if _passes(linter, checkout, strict=options.strict):
            print(f"check: {linter.name} ok ({time.monotonic() - began:.0f} s)", flush=True)
        else:
            failed.append(linter.name)
    if failed:
        print(f"scripts/check: failed: {' '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _linter(name: str) -> Linter:
    if name not in _BY_NAME:
        raise ArgumentTypeError(f"expected one of {' '.join(_BY_NAME)}, found {name}")
    return _BY_NAME[name]


def _passes(linter: Linter, checkout: Checkout, *, strict: bool) -> bool:
    if linter.only and not checkout.files(*linter.only):
        return True
    if linter.needs and not shutil.which(linter.needs[0]):
        print(f"check: {linter.name} left out: it needs {linter.needs[1]}", file=sys.stderr)
        return not strict
    return all(run_child(words) == 0 for words in linter.commands(checkout))


def _options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", type=_linter, help=f"of {' '.join(_BY_NAME)}; none: all of them")
    add("--fix", action="store_true", help="fix what a linter can fix")
    add("--strict", action="store_true", help="a linter that would be left out is an error")


COMMAND = Command(
    name="check",
    does="Runs the linters and the type checker. A linter whose toolchain is missing on this machine is left out, and "
    "scripts/check says so.",
    statuses={0: "clean", 1: "a linter found something", 3: "an environment could not be made"},
    run=_check,
    add=_options,
)
