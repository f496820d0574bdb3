"""`scripts/sbom`: writes a CycloneDX document of the distributions in a track's environment."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from dev.command.command import Command, path
from dev.lockenv.project import this_project
from dev.sbom.bill import as_bill
from dev.sbom.materials import make_materials, read_materials
from envparity.errors import EnvparityError
from envparity.files import write_whole


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit status."""
    return COMMAND.main(arguments)


def _sbom(options: Namespace) -> int:
    project = this_project()
    materials = make_materials(project)
    if options.track:
        materials = {options.track: read_materials(project, options.track)}
    folder: Path = options.output or project.cache / "sbom"
    made = {folder / f"{track}.cdx.json": as_bill(project, track, found) for track, found in materials.items()}
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in made.items():
        write_whole("--output", str(file), text.encode())
        print(file)
    return 0


def _options(parser: ArgumentParser) -> None:
    tracks = this_project().tracks
    which = "describe only this track (default: every track that has its own lock and a released library)"
    parser.add_argument("--track", choices=tracks, help=which)
    folder = "write the documents to FOLDER (default: .cache/sbom)"
    parser.add_argument("--output", type=path, metavar="FOLDER", help=folder)


COMMAND = Command(
    name="sbom",
    does="Write a CycloneDX document for a track, or for several tracks: TRACK.cdx.json. A document lists "
    "the distributions of the track's environment. The same environment always gives the same bytes.",
    statuses={0: "the documents were written", 3: "an environment could not be made or read"},
    run=_sbom,
    add=_options,
    errors=(EnvparityError,),
)
