"""The command `scripts/release`: it makes the files of a release, and uploads nothing.

The workflow `release` runs this command for every change. For a tag, later jobs of the workflow upload the files.
"""

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import envparity
from dev.command.command import Command, path
from dev.command.errors import CommandError
from dev.doors.engines import find_engine
from dev.lockenv.project import this_project
from dev.release.distributions import build_distributions
from dev.release.images import save_image


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit status."""
    return COMMAND.main(arguments)


def _release(options: Namespace) -> int:
    check_tag(os.environ.get("RELEASE_TAG", ""))
    project = this_project()
    folder: Path = options.output or project.cache / "release"
    if not options.track:
        for one in build_distributions(project, folder / "dist"):
            print(f"{sha256(one.read_bytes()).hexdigest()}  {one}")
        return 0
    engine = find_engine()
    for track in options.track:
        identity = save_image(engine, project, track, options.base, folder / "images")
        print(identity, f" {folder / 'images' / track}.tar")
    return 0


def check_tag(tag: str) -> None:
    """Check that `tag` is empty, or the version of envparity with a `v` before it. Raise CommandError otherwise."""
    wanted = f"v{envparity.__version__}"
    if tag and tag != wanted:
        raise CommandError(
            f"release: expected the tag {wanted}, which envparity/__init__.py gives, found {tag} in RELEASE_TAG"
        )


def _options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--track",
        metavar="TRACK",
        choices=this_project().tracks,
        action="append",
        default=[],
        help="make the image of this track, and not the sdist and the wheel; may be repeated",
    )
    add("--base", metavar="IMAGE", help="build the image on this image, as scripts/image --base does")
    add("--output", type=path, metavar="FOLDER", help="write the files into FOLDER (default: .cache/release)")


COMMAND = Command(
    name="release",
    does="Make the sdist and the wheel of envparity, or an image, and upload nothing. The command builds each of them "
    "twice and compares the two builds. The second sdist and wheel are built in another folder, with another umask and "
    "other file times. An image is built from scratch both times.",
    more="If the variable RELEASE_TAG is set, it must be the version of envparity with a v before it.",
    statuses={0: "the files are written, and both builds are equal", 3: "a build failed, or the builds differ"},
    run=_release,
    add=_options,
)
