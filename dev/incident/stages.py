"""The requirement and the day of the incident of November 2025, and the workaround in the Docker image of that time.

In the incident, libp2p 0.4.0 failed because py-multihash overwrote files of pymultihash, which libp2p requires.
"""

import shutil
from pathlib import Path

from dev.command.errors import CommandError
from dev.incident.facts import Stray, Workaround
from dev.incident.installers import Installers, shell
from dev.incident.look import observe

AS_OF = "2025-11-08T00:00:00Z"
REQUIREMENT = "libp2p==0.4.0"
# This is the line in the Dockerfile of the image. As in the Dockerfile, there are no quotes around the requirement.
WORKAROUND = "pip uninstall -y py-multihash && pip install --no-cache-dir --force-reinstall pymultihash>=0.8.2"


def work_around(installers: Installers, folder: Path) -> Workaround:
    """Run the image's workaround in a shell, on a copy of `folder`/pip, the environment that pip made.

    Return the command, the files that the workaround left behind, and the observation of the changed environment.
    Raises CommandError if the workaround fails, and EnvparityError if envparity cannot read the environment.
    """
    environment, kept, cwd = folder / "pip", folder / "kept", folder / "shell"
    # The scripts of an environment contain its path. Therefore the copy gets the path of the original while the
    # workaround runs.
    environment.rename(kept)
    shutil.copytree(kept, environment, symlinks=True)
    cwd.mkdir()
    try:
        return _worked_around(installers, environment, cwd)
    finally:
        environment.rename(folder / "workaround")
        kept.rename(environment)


def _worked_around(installers: Installers, environment: Path, cwd: Path) -> Workaround:
    # The line must be exactly the image's line, so these variables give pip the environment and the day.
    extra = {"PIP_PYTHON": str(environment / "bin" / "python"), "PIP_UPLOADED_PRIOR_TO": AS_OF}
    ran = shell(installers, WORKAROUND, cwd=cwd, extra=extra, lines=("Successfully uninstalled", "ERROR"))
    if ran.status != 0:
        raise CommandError(f"expected `{WORKAROUND}` to succeed, found status {ran.status}: {'; '.join(ran.said)}")
    strays = tuple(_stray(path) for path in sorted(cwd.iterdir()))
    return Workaround(ran, strays, observe(installers, environment, "workaround", environment.parent))


def _stray(path: Path) -> Stray:
    text = path.read_text(encoding="utf-8", errors="replace")
    told = [line.strip() for line in text.splitlines()]
    kept = tuple(line for line in told if line.startswith(("Collecting pymultihash", "Successfully installed")))
    return Stray(path.name, len(text.encode()), kept)
