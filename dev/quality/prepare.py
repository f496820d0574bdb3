"""`scripts/prepare`: on Debian, as root, installs what `scripts/test --all --strict` needs, except Go and Rust.

On other systems, or without root, the command reports the first program that is missing.
"""

from argparse import Namespace
from collections.abc import Sequence

from dev.command.command import Command
from dev.doors.nix import ensure_nix
from dev.doors.nix_folders import check_owner, nix_folders
from dev.doors.offline.engine import ensure_engine
from dev.doors.offline.images import make_images
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import Project, this_project
from dev.lockenv.system import require_all
from dev.matrix.peers import build_peers
from dev.quality.left_out import PROGRAMS


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit status."""
    return COMMAND.main(arguments)


def _prepare(_options: Namespace) -> int:
    project = this_project()
    _require_packages(project)
    make_images(ensure_engine(), project, only_missing=True)
    check_owner(project.root)
    ensure_nix(nix_folders(project.root))
    return build_peers(project, ())


def _require_packages(project: Project) -> None:
    toolchain, interpreter = project.toolchain, EnvironmentMaker(project).interpreter
    require_all(toolchain, interpreter, PROGRAMS)


COMMAND = Command(
    name="prepare",
    does="Prepare a machine for the strict test run, scripts/test --all --strict. On Debian, as root, it installs "
    "Python, a C compiler, the headers of Python and gmp, git, redis-server, chromium, faketime, ssh-keygen, a Docker "
    "engine and Nix. It also starts the engine, makes the base images of the tests, and builds the peers. The peers "
    "need Go and Rust: install both yourself first. On other systems, or without root, the command reports the first "
    "thing that is missing.",
    statuses={0: "the machine is ready", 100: "apt-get could not install Python"},
    run=_prepare,
)
