"""`scripts/sbom` and `scripts/licences`: what the tracks are made of, from what is installed.

Exit status: 0 it was written, or with --check is up to date; 1 with --check it is not; 2 the command line is wrong;
3 an environment could not be read; 130, 143 stopped by SIGINT, SIGTERM.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from dev.command.errors import CommandError
from dev.command.legacy import run_command
from dev.lockenv.project import Project, this_project
from dev.sbom.document import document, tracks_of
from dev.sbom.parts import read_parts
from dev.sbom.sbom import as_sbom
from envparity.cli.command import parse
from envparity.errors import EnvparityError
from envparity.files import write_whole

_STATUSES = (
    "Exit status: 0 they were written{checked}; 2 the command line is wrong; 3 an environment could not be read; 130, "
    "143 stopped."
)


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit status."""
    project = this_project()
    parser = ArgumentParser("python -m bom", allow_abbrev=False, description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    about = "A CycloneDX document of each track, TRACK.cdx.json: the same bytes from the same environment."
    statuses = _STATUSES.format(checked="")
    sbom = commands.add_parser("sbom", allow_abbrev=False, prog="scripts/sbom", description=about, epilog=statuses)
    sbom.add_argument("--track", choices=project.tracks, help="this one alone (all that take no git host)")
    sbom.add_argument("--output", metavar="FOLDER", default=str(project.cache / "sbom"), help="(.cache/sbom)")
    about = "The licences of what the images ship, docs/licences.md, from what is installed."
    statuses = _STATUSES.format(checked=", or with --check are up to date; 1 with --check they are not")
    licences = commands.add_parser(
        "licences", allow_abbrev=False, prog="scripts/licences", description=about, epilog=statuses
    )
    licences.add_argument("--check", action="store_true", help="say whether it is what the environments say")
    sbom.set_defaults(parser=sbom)
    licences.set_defaults(parser=licences)
    options = parse(parser, arguments)
    try:
        if options.command == "sbom":
            _sbom(project, (options.track,) if options.track else tracks_of(project), Path(options.output))
            return 0
        return _licences(project, check=options.check)
    except (CommandError, EnvparityError) as error:
        print(f"scripts/{options.command}: {error}", file=sys.stderr)
    except OSError as error:
        print(f"scripts/{options.command}: expected to write what was made, found: {error}", file=sys.stderr)
    return 3


def _sbom(project: Project, tracks: Sequence[str], folder: Path) -> None:
    made = {folder / f"{track}.cdx.json": as_sbom(project, track, read_parts(project, track)) for track in tracks}
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in made.items():
        write_whole("--output", str(path), text.encode())
        print(path)


def _licences(project: Project, *, check: bool) -> int:
    path = project.root / "docs" / "licences.md"
    text = document(project, {track: read_parts(project, track) for track in tracks_of(project)})
    name = path.relative_to(project.root)
    if not check:
        path.write_text(text, encoding="utf-8")
        print(name)
    elif not path.is_file() or path.read_bytes() != text.encode():
        print(f"scripts/licences: {name}: expected what the environments say, found another text; run scripts/licences")
        return 1
    return 0


if __name__ == "__main__":
    run_command(main)
