"""The requirement and the day of the incident, and the workaround exactly as the image applied it."""

import shutil
from pathlib import Path

from dev.command.errors import CommandError
from dev.incident.facts import Stray, Workaround
from dev.incident.installers import Installers, shell
from dev.incident.look import observe

AS_OF = "2025-11-08T00:00:00Z"
REQUIREMENT = "libp2p==0.4.0"
# This is the line of the image's recipe, including the missing quotes around the requirement.
WORKAROUND = "pip uninstall -y py-multihash && pip install --no-cache-dir --force-reinstall pymultihash>=0.8.2"


def work_around(installers: Installers, folder: Path) -> Workaround:
    """Run the image's workaround in a shell, on a copy of pip's environment; CommandError if it fails."""
    environment, cwd = folder / "workaround", folder / "shell"
    shutil.copytree(folder / "pip", environment, symlinks=True)
    cwd.mkdir()
    # The line must be exactly the image's line, so these variables tell pip which environment and which day to use.
    extra = {"PIP_PYTHON": str(environment / "bin" / "python"), "PIP_UPLOADED_PRIOR_TO": AS_OF}
    ran = shell(installers, WORKAROUND, cwd=cwd, extra=extra, lines=("Successfully uninstalled", "ERROR"))
    if ran.status != 0:
        raise CommandError(f"expected `{WORKAROUND}` to succeed, found status {ran.status}: {'; '.join(ran.said)}")
    strays = tuple(_stray(path) for path in sorted(cwd.iterdir()))
    return Workaround(ran, strays, observe(installers, environment, "workaround", folder))


def _stray(path: Path) -> Stray:
    text = path.read_text(encoding="utf-8", errors="replace")
    told = [line.strip() for line in text.splitlines()]
    kept = tuple(line for line in told if line.startswith(("Collecting pymultihash", "Successfully installed")))
    return Stray(path.name, len(text.encode()), kept)
