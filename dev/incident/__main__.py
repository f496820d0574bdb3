"""`scripts/incident`: the incident of November 2025, made anew on this machine.

Exit status: 0 it was reproduced and all of it observed; 1 something expected was not seen; 2 the command line is
wrong; 3 an environment could not be made; 130, 143 stopped by SIGINT, SIGTERM.
"""

import os
import shutil
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from io import StringIO
from json import dumps
from pathlib import Path
from tempfile import mkdtemp

from rich.console import Console

from dev.command.errors import CommandError
from dev.command.legacy import run_command
from dev.incident.clients import find_clients
from dev.incident.expect import unseen
from dev.incident.facts import Record
from dev.incident.run import run_incident
from dev.incident.show import conclude, show
from dev.lockenv.project import this_project
from envparity.errors import EnvparityError

_DOES = "The incident of November 2025, made anew on this machine, shown and worked around."
STATUSES = (
    "Exit status: 0 it was reproduced and all of it observed; 1 something expected was not seen; 2 the command line "
    "is wrong; 3 an environment could not be made; 130, 143 stopped."
)


def main(arguments: Sequence[str]) -> int:
    """Make the incident, show it and judge it; the exit status."""
    options = _parser().parse_args(arguments)
    try:
        for option, path in (("--into", options.into), ("--json", options.json)):
            _check(option, path)
        with _folder(options) as folder:
            record = _run(options, folder)
            missing = tuple(unseen(record))
            if options.json:
                _write(options.json, record)
            left = [folder / name for name in ("pip", "uv", "workaround")] if options.keep or options.into else []
            _print(record, missing, left)
    except (CommandError, EnvparityError) as error:
        print(f"scripts/incident: {error}", file=sys.stderr)
        return 3
    except ValueError as error:
        print(f"scripts/incident: {error}", file=sys.stderr)
        return 2
    return 1 if missing else 0


def _run(options: Namespace, folder: Path) -> Record:
    clients = find_clients(this_project(), Path(sys.executable))
    terminal = Console(stderr=True)
    with terminal.status("starting", spinner="line") as status:
        return run_incident(clients, folder, options.runs, status.update)


def _print(record: Record, missing: Sequence[str], left: Sequence[Path]) -> None:
    text = StringIO()
    terminal = sys.stdout.isatty()
    out = Console(file=text, force_terminal=terminal, width=None if terminal else 120, highlight=False)
    show(record, out)
    conclude(record, missing, out)
    for environment in left:
        out.print(f"   scripts/parity {environment} --no-lock", soft_wrap=True, markup=False)
    try:
        sys.stdout.write(text.getvalue())
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has had enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise ValueError(f"standard output: expected it to take the result, found: {error.strerror}") from error


def _check(option: str, path: Path | None) -> None:
    """Refuse early what would fail after a minute of work."""
    if path is None:
        return
    if option == "--into" and path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise ValueError(f"--into: expected a folder that is empty or not there yet, found {path}")
    if not path.parent.is_dir():
        raise ValueError(f"{option}: expected the folder {path.parent} to be there, found none")
    if option == "--json" and path.is_dir():
        raise ValueError(f"--json: expected a file, found the folder {path}")


@contextmanager
def _folder(options: Namespace) -> Iterator[Path]:
    folder = options.into or Path(mkdtemp(prefix="incident-"))
    scratch = folder / "tmp"
    try:
        scratch.mkdir(parents=True)
        os.environ["TMPDIR"] = str(scratch)  # an installer that is stopped half way leaves nothing elsewhere
        yield folder
    finally:
        _remove(folder if not options.keep and not options.into else scratch)


def _remove(folder: Path) -> None:
    """What was killed a moment ago may still end a write."""
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)


def _write(path: Path, record: Record) -> None:
    temporary = path.with_name(f"{path.name}.part-{os.getpid()}")
    try:
        temporary.write_text(dumps(asdict(record), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise ValueError(f"--json: expected to write {path}, found: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _parser() -> ArgumentParser:
    parser = ArgumentParser("scripts/incident", allow_abbrev=False, description=_DOES, epilog=STATUSES)
    parser.add_argument("--into", type=_path, metavar="FOLDER", help="make the environments there, and leave them")
    parser.add_argument("--keep", action="store_true", help="leave the temporary folder, and say where it is")
    parser.add_argument("--runs", type=_count, default=10, metavar="N", help="installs by uv at each concurrency (10)")
    parser.add_argument("--json", type=_path, metavar="FILE", help="write all that was seen, for documents")
    return parser


def _path(text: str) -> Path:
    """A path of the command line: the caller's, who is not in this project's folder."""
    return Path(os.environ.get("CALLED_FROM", ".")).absolute() / text


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 1000):
        raise ArgumentTypeError(f"expected a whole number from 1 to 1000, found {text[:20]!r}")
    return int(text)


if __name__ == "__main__":
    run_command(main)
