"""The acts: resolve as of the day, install with pip, install with uv, work around it as the image did."""

import shutil
from pathlib import Path

from dev.command.errors import CommandError
from dev.incident.facts import Made, Ran, Stray, Workaround
from dev.incident.installers import Installers, attempt, shell
from dev.incident.look import observe

AS_OF = "2025-11-08T00:00:00Z"
REQUIREMENT = "libp2p==0.4.0"
# As the image's recipe has it, the missing quotes included.
WORKAROUND = "pip uninstall -y py-multihash && pip install --no-cache-dir --force-reinstall pymultihash>=0.8.2"


def resolve(installers: Installers, folder: Path) -> tuple[Ran, tuple[str, ...]]:
    """Resolve the requirement as of that day, once for both installers, into `pins.txt`; return the pins."""
    wanted, pins = folder / "wanted.txt", folder / "pins.txt"
    wanted.write_text(f"{REQUIREMENT}\n", encoding="utf-8")
    ran = attempt(
        [
            *(installers.uv, "pip", "compile", "--no-header", "--no-annotate", "--python", installers.python),
            *("--exclude-newer", AS_OF, "-o", pins, wanted),
        ],
        shown=f"uv pip compile --exclude-newer {AS_OF}",
        cwd=folder,
    )
    return ran, tuple(line.strip() for line in pins.read_text(encoding="utf-8").splitlines() if "==" in line)


def with_pip(installers: Installers, folder: Path, version: str) -> Made:
    """Make the environment with pip, which resolves within the pins, and so installs in its own order."""
    python = installers.make_environment(folder / "pip")
    ran = attempt(
        [
            *(installers.pip, "--python", python, "install", "--uploaded-prior-to", AS_OF),
            *("-c", folder / "pins.txt", REQUIREMENT),
        ],
        shown=f"pip --python ENV/bin/python install --uploaded-prior-to {AS_OF} -c pins.txt {REQUIREMENT}",
        cwd=folder,
    )
    return Made(f"pip {version}", ran, observe(installers, folder / "pip", "pip", folder))


def with_uv(installers: Installers, folder: Path, version: str) -> Made:
    """Make the environment with uv, which installs as many wheels at a time as it likes."""
    python = installers.make_environment(folder / "uv")
    ran = attempt(
        [
            *(installers.uv, "pip", "install", "--python", python, "--exclude-newer", AS_OF),
            *("--link-mode=copy", "-c", folder / "pins.txt", REQUIREMENT),
        ],
        shown=f"uv pip install --python ENV/bin/python --exclude-newer {AS_OF} -c pins.txt {REQUIREMENT}",
        cwd=folder,
    )
    return Made(f"uv {version}", ran, observe(installers, folder / "uv", "uv", folder))


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
