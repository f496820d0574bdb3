"""`scripts/docs`: the pages of docs/ that are made from code, and the picture of a report.

Exit status: 0 they were written, or with --check are what the code says; 1 with --check they are not; 2 the command
line is wrong; 3 something is missing; 130, 143 stopped by SIGINT, SIGTERM.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence

from dev.command.errors import CommandError
from dev.command.legacy import run_command
from dev.lockenv.project import this_project
from dev.pages.commands import commands
from dev.pages.pages import pages
from dev.pages.picture import take_pictures

_DOES = "The pages of docs/ that are made from code, and the picture of a report."
STATUSES = (
    "Exit status: 0 they were written, or with --check are what the code says; 1 with --check they are not; 2 the "
    "command line is wrong; 3 something is missing; 130, 143 stopped."
)


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or check them; the exit status."""
    parser = ArgumentParser("scripts/docs", allow_abbrev=False, description=_DOES, epilog=STATUSES)
    parser.add_argument(
        "--check", action="store_true", help="write nothing: say whether the pages are what the code says"
    )
    parser.add_argument(
        "--picture",
        action="store_true",
        help="take the picture of a report anew as well, of the incident; takes chromium, network and a minute",
    )
    options = parser.parse_args(arguments)
    if options.check and options.picture:
        parser.error("expected one of --check and --picture, found both")
    project = this_project()
    try:
        made = pages(project, commands(project))
        stale = [path for path, text in made.items() if not path.is_file() or path.read_bytes() != text.encode()]
        if options.check:
            for path in stale:
                name = path.relative_to(project.root)
                print(f"scripts/docs: {name}: expected what the code says, found another text; run scripts/docs")
            return 1 if stale else 0
        for path in stale:
            path.write_text(made[path], encoding="utf-8")
            print(path.relative_to(project.root))
        if options.picture:
            for path in take_pictures(project):
                print(path.relative_to(project.root))
    except CommandError as error:
        print(f"scripts/docs: {error}", file=sys.stderr)
        return 3
    except OSError as error:
        print(f"scripts/docs: expected to write what was made, found: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    run_command(main)
