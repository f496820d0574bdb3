"""`scripts/incident`: reproduces the incident of November 2025 on this machine.

In the incident, a fresh install of libp2p 0.4.0 failed because two distributions wrote the same files of one package.
"""

import os
import shutil
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from io import StringIO
from json import dumps
from pathlib import Path
from tempfile import mkdtemp

from rich.console import Console

from dev.command.command import Command, path, positive
from dev.command.errors import UsageError
from dev.command.progress import long_work
from dev.incident.expect import unseen
from dev.incident.facts import Incident
from dev.incident.installers import find_installers
from dev.incident.run import run_incident
from dev.incident.show import conclude, show
from dev.lockenv.project import this_project
from envparity.errors import EnvparityError
from envparity.files import write_whole


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit status."""
    return COMMAND.main(arguments)


def _incident(options: Namespace) -> int:
    for option, wanted in (("--into", options.into), ("--json", options.json)):
        _check(option, wanted)
    with _folder(options) as folder:
        with (
            long_work("incident: making the environments"),
            Console(stderr=True).status("starting", spinner="line") as status,
        ):
            incident = run_incident(find_installers(this_project()), folder, options.runs, status.update)
        missing = tuple(unseen(incident))
        if options.json:
            data = dumps(asdict(incident), indent=1, ensure_ascii=False) + "\n"
            write_whole("--json", str(options.json), data.encode())
        left = [folder / name for name in ("pip", "uv", "workaround")] if options.keep or options.into else []
        _print(incident, missing, left)
    return 1 if missing else 0


def _print(incident: Incident, missing: Sequence[str], left: Sequence[Path]) -> None:
    text = StringIO()
    terminal = sys.stdout.isatty()
    out = Console(file=text, force_terminal=terminal, width=None if terminal else 120, highlight=False)
    show(incident, out)
    conclude(incident, missing, out)
    for environment in left:
        out.print(f"   scripts/parity {environment} --no-lock", soft_wrap=True, markup=False)
    sys.stdout.write(text.getvalue())


def _check(option: str, wanted: Path | None) -> None:
    """Raise UsageError if the path that an option names cannot be used.

    This check comes first, so that a wrong path does not end the command after a minute of work.
    """
    if wanted is None:
        return
    if option == "--into" and wanted.exists() and (not wanted.is_dir() or any(wanted.iterdir())):
        raise UsageError(f"--into: expected a new or an empty folder, found {wanted}")
    if not wanted.parent.is_dir():
        raise UsageError(f"{option}: expected the folder {wanted.parent} to exist, found none")
    if option == "--json" and wanted.is_dir():
        raise UsageError(f"--json: expected a file, found the folder {wanted}")


@contextmanager
def _folder(options: Namespace) -> Iterator[Path]:
    """Yield the folder for the environments, and remove this folder after the block.

    With `--keep` or `--into`, remove only its subfolder `tmp`, which has the installers' temporary files.
    """
    folder = options.into or Path(mkdtemp(prefix="incident-"))
    scratch = folder / "tmp"
    try:
        scratch.mkdir(parents=True)
        # Installers write their temporary files to TMPDIR. An interrupted installer leaves them there, and `_remove`
        # removes the folder.
        os.environ["TMPDIR"] = str(scratch)
        yield folder
    finally:
        _remove(folder if not options.keep and not options.into else scratch)


def _remove(folder: Path) -> None:
    """Remove a folder; try for two seconds, because a process that was just killed may still write into the folder."""
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)


def _options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--into",
        type=path,
        metavar="FOLDER",
        help="make the environments in FOLDER, and keep them (default: a temporary folder)",
    )
    add("--keep", action="store_true", help="keep the temporary folder, and print its path")
    runs = "repeat one install by uv N times for each tested value of UV_CONCURRENT_INSTALLS (default: 10)"
    add("--runs", type=positive, default=10, metavar="N", help=runs)
    add("--json", type=path, metavar="FILE", help="also write every observation to FILE as JSON")


COMMAND = Command(
    name="incident",
    does="Reproduce the incident of November 2025 on this machine, show it, and apply the workaround of that time. "
    "docs/concepts/why-the-environments-differed.md describes the incident.",
    statuses={
        0: "the incident was reproduced, with every expected fact",
        1: "an expected fact was not observed",
        3: "an environment could not be made, or a result could not be written",
    },
    run=_incident,
    add=_options,
    errors=(EnvparityError,),
)
