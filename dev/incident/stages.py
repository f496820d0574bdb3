"""What was installed on which day, and the workaround, as the image did it."""

import shutil
from pathlib import Path

from dev.command.errors import CommandError
from dev.incident.facts import Stray, Workaround
from dev.incident.installers import Installers, shell
from dev.incident.look import observe

AS_OF = "2025-11-08T00:00:00Z"
REQUIREMENT = "libp2p==0.4.0"
# As the image's recipe has it, the missing quotes included.
WORKAROUND = "pip uninstall -y py-multihash && pip install --no-cache-dir --force-reinstall pymultihash>=0.8.2"


def work_around(installers: Installers, folder: Path) -> Workaround:
    """Run the image's workaround in a shell, on a copy of pip's environment."""
    environment, cwd = folder / "workaround", folder / "shell"
    shutil.copytree(folder / "pip", environment, symlinks=True)
    cwd.mkdir()
    # The line is exactly the image's; these variables say which environment and which day it means.
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
