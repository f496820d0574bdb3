"""The command `scripts/upstream`: it writes files into a checkout of py-libp2p. A harness builds an image from them."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from dev.command.command import Command, path
from dev.lockenv.project import this_project
from dev.upstream.checkout import read_checkout
from dev.upstream.difference import changed, show, write
from dev.upstream.dockerfile import FOLDER
from dev.upstream.folder import choose_track, files
from dev.upstream.within.asked import RELOCK, check_python
from envparity.text import some


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit status."""
    return COMMAND.main(arguments)


def _upstream(options: Namespace) -> int:
    project = this_project()
    checkout = read_checkout(options.into)
    check_python(checkout.pyproject, project.toolchain.python_series)
    choice = choose_track(project, checkout)
    new = changed(checkout.root, files(project, choice.track))
    checkout.refuse_uncommitted([one.name for one in new])
    sys.stdout.writelines(show(checkout.root, new))
    sys.stdout.flush()
    _tell(f"the locks are those of {choice.track}")
    for missing in choice.missing:
        _tell(f"{missing}; lock again with: {RELOCK}")
    if not new:
        _tell("every file is up to date")
        return 0
    if options.check:
        return 1
    if not options.yes and sys.stdin.isatty() and sys.stdout.isatty() and not _agreed(len(new)):
        _tell("wrote nothing")
        return 1
    replaced = [one.name for one in new if (checkout.root / one.name).exists()]
    write(checkout.root, new)
    _tell(f"wrote {len(new)} files of {FOLDER}; replaced {some(replaced) if replaced else 'none'}")
    if ignored := checkout.ignored([one.name for one in new]):
        _tell(f"git ignores {len(ignored)} of them; add them with: git add --force {' '.join(ignored)}")
    return 0


def _tell(line: str) -> None:
    print(f"scripts/upstream: {line}", file=sys.stderr)


def _agreed(count: int) -> bool:
    print(f"Write these {count} files? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("into", type=path, metavar="INTO", help="the root of a git checkout of py-libp2p")
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--check", action="store_true", help="write nothing; only show the difference")
    one.add_argument("--yes", action="store_true", help="write without a question, also on a terminal")


COMMAND = Command(
    name="upstream",
    does="Write the folder interop/transport into a checkout of py-libp2p. From this folder, a harness builds an image "
    "with the library of the checkout, and with every other distribution from a lock. The command first shows the "
    "difference. On a terminal it asks before it writes. It overwrites only files that are committed.",
    statuses={
        0: "the files are written, or were up to date",
        1: "a file that the command would overwrite has changes that are not committed, or you answered no, or with "
        "--check: a file would change",
        2: "the command line is wrong, or INTO is no checkout of py-libp2p",
    },
    run=_upstream,
    add=_options,
)
