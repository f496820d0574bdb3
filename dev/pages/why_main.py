"""`scripts/why`: the documents on why the environments differed, toolchain and performance, from recorded runs.

Exit status: 0 they were written, or with --check are what the recorded runs say; 1 with --check they are not; 2 the
command line is wrong; 3 a run could not be recorded or read; 130, 143 stopped by SIGINT, SIGTERM.
"""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.markup import escape

from dev.command.errors import CommandError
from dev.command.legacy import run_command
from dev.evidence.record import record, record_builds, record_performance
from dev.evidence.runs import read_evidence, write_evidence, write_run
from dev.incident.clients import find_clients
from dev.lockenv.project import Project, this_project
from dev.pages.document import documents, unsupported
from envparity.errors import EnvparityError

_DOES = "The pages that are made from recorded runs: why the environments differed, the toolchain, performance."
STATUSES = (
    "Exit status: 0 they were written, or with --check are what the recorded runs say; 1 with --check they are not; 2 "
    "the command line is wrong; 3 a run could not be recorded or read; 130, 143 stopped."
)


_ALONE = {"toolchain": record_builds, "performance": record_performance}


def main(arguments: Sequence[str]) -> int:
    """Write the documents, or check them; the exit status."""
    parser = ArgumentParser("scripts/why", allow_abbrev=False, description=_DOES, epilog=STATUSES)
    parser.add_argument(
        "--record",
        nargs="?",
        choices=["all", *_ALONE],
        const="all",
        help="make the recorded runs anew first (some minutes), or one of them alone; takes a Docker engine, or, for"
        " performance, the peers",
    )
    parser.add_argument("--check", action="store_true", help="say whether the documents are what the runs say")
    options = parser.parse_args(arguments)
    project = this_project()
    try:
        if options.record:
            _record(project, options.record)
        made = documents(read_evidence(), project)
        stale = [path for path, text in made.items() if not path.is_file() or path.read_bytes() != text.encode()]
        if not options.check:
            for path, text in made.items():
                path.write_text(text, encoding="utf-8")
                print(path.relative_to(project.root))
            return 0
    except (CommandError, EnvparityError) as error:
        print(f"scripts/why: {error}", file=sys.stderr)
        return 3
    except OSError as error:
        print(f"scripts/why: expected to write what was made, found: {error}", file=sys.stderr)
        return 3
    for path in stale:
        name = path.relative_to(project.root)
        print(f"scripts/why: {name}: expected what the recorded runs say, found another text; run scripts/why")
    return 1 if stale else 0


def _record(project: Project, which: str) -> None:
    clients = find_clients(project, Path(sys.executable))
    terminal = Console(stderr=True)
    with TemporaryDirectory(prefix="why-") as name, terminal.status("starting", spinner="line") as status:
        scratch = Path(name) / "tmp"
        scratch.mkdir()
        if alone := _ALONE.get(which):
            write_run(which, alone(project, lambda text: status.update(escape(text))))
            return
        os.environ["TMPDIR"] = str(scratch)  # an installer that is stopped half way leaves nothing elsewhere
        made = record(project, clients, Path(name), 30, lambda text: status.update(escape(text)))
    missing = list(unsupported(made))
    if missing:  # minutes of work are not thrown away for it
        aside = project.cache / "why"
        write_evidence(made, aside)
        raise CommandError(f"expected the runs to show it again, found: {'; '.join(missing)}; they are in {aside}")
    write_evidence(made)


if __name__ == "__main__":
    run_command(main)
