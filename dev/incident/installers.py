"""pip and uv as a person runs them, on an environment of another folder."""

import os
import shlex
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError
from dev.incident.facts import Ran
from dev.lockenv.command import run
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import Project
from envparity.index.clients import clean_environment
from envparity.processes import Ended, NotEnded, Supervisor, Task

# Variables of a person that would change what is installed, beyond those that `clean_environment` drops.
_FOREIGN = ("UV_COMPILE_BYTECODE", "UV_CONCURRENT_INSTALLS", "UV_OFFLINE")
_TIMEOUT = 900.0  # seconds of one command: a slow build on a slow machine, but not for ever


@dataclass(frozen=True)
class Installers:
    """The pip and uv of the tools environment, and the Python that environments are made with."""

    tools: Path
    """The folder that pip and uv are in."""
    python: Path

    @property
    def uv(self) -> Path:
        """The program uv."""
        return self.tools / "uv"

    @property
    def pip(self) -> Path:
        """The program pip."""
        return self.tools / "pip"

    def versions(self) -> dict[str, str]:
        """Return the version of each installer, by its name."""
        return {
            path.name: run([path, "--version"], purpose=f"asking {path.name} for its version").split()[1]
            for path in (self.pip, self.uv)
        }

    def make_environment(self, folder: Path) -> Path:
        """Make an environment with nothing in it, not even pip; return its Python."""
        command: list[str | Path] = [self.python, "-I", "-m", "venv", "--without-pip", folder]
        run(command, purpose="making an environment")
        return folder / "bin" / "python"


def find_installers(project: Project) -> Installers:
    """Return pip and uv of the tools environment, in which every command that asks for them runs."""
    return Installers(project.environment("tools") / "bin", EnvironmentMaker(project).interpreter.path)


def resolve(
    installers: Installers, requirements: Sequence[str], as_of: str, folder: Path, override: Sequence[str | Path] = ()
) -> tuple[Ran, tuple[str, ...]]:
    """Resolve requirements as of an instant, once for both installers, into `folder`/pins.txt; return the pins."""
    wanted, pins = folder / "wanted.txt", folder / "pins.txt"
    wanted.write_text("\n".join(requirements) + "\n", encoding="utf-8")
    command: list[str | Path] = [
        installers.uv,
        "pip",
        "compile",
        "--no-header",
        "--no-annotate",
        "--python",
        installers.python,
    ]
    ran = attempt(
        [*command, *override, "--exclude-newer", as_of, "-o", pins, wanted],
        shown=f"uv pip compile --exclude-newer {as_of}",
        cwd=folder,
    )
    return ran, tuple(line.strip() for line in pins.read_text(encoding="utf-8").splitlines() if "==" in line)


def install_with_pip(
    installers: Installers, environment: Path, requirements: Sequence[str], as_of: str, folder: Path
) -> Ran:
    """Make an environment with pip, which resolves within `folder`/pins.txt, and so installs in its own order."""
    python = installers.make_environment(environment)
    options = ["install", "--uploaded-prior-to", as_of, "-c"]
    return attempt(
        [installers.pip, "--python", python, *options, folder / "pins.txt", *requirements],
        shown=" ".join(["pip --python ENV/bin/python", *options, "pins.txt", *requirements]),
        cwd=folder,
    )


def install_with_uv(
    installers: Installers,
    environment: Path,
    requirements: Sequence[str],
    as_of: str,
    folder: Path,
    override: Sequence[str | Path] = (),
) -> Ran:
    """Make an environment with uv, which installs as many wheels at a time as it likes."""
    python = installers.make_environment(environment)
    command: list[str | Path] = [installers.uv, "pip", "install", "--python", python, "--exclude-newer", as_of]
    return attempt(
        [*command, *override, "--link-mode=copy", "-c", folder / "pins.txt", *requirements],
        shown=f"uv pip install --python ENV/bin/python --exclude-newer {as_of} -c pins.txt {' '.join(requirements)}",
        cwd=folder,
    )


def attempt(
    command: Sequence[str | Path],
    *,
    shown: str,
    cwd: Path,
    extra: Mapping[str, str] | None = None,
    lines: Sequence[str] = (),
) -> Ran:
    """Run a command and keep the lines of its output that contain one of `lines`.

    CommandError where it cannot be run, or, without `lines`, where its status is not 0.
    """
    environment = {name: value for name, value in clean_environment().items() if name not in _FOREIGN}
    environment |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "NO_COLOR": "1"} | dict(extra or {})
    started = time.monotonic()
    ended = run_program(f"`{shown}`", Task([str(word) for word in command], cwd, _TIMEOUT, environment=environment))
    said = [line.strip() for line in (ended.output + ended.complaints).decode("utf-8", "replace").splitlines()]
    kept = tuple(line for line in said if any(word in line for word in lines))
    ran = Ran(shown, ended.status, kept, round(time.monotonic() - started, 2))
    if not lines and ran.status != 0:
        why = " | ".join(line for line in said if line)[-800:]
        raise CommandError(f"expected `{shown}` to succeed, found status {ran.status}: {why}")
    return ran


def run_program(name: str, task: Task) -> Ended:
    """Run a program, and end with it all that it starts; CommandError where it cannot be run or takes too long."""
    try:
        return Supervisor().run(task)
    except NotEnded as error:
        found = str(error) or f"no end within {task.timeout:.0f} s"
        raise CommandError(f"expected {name} to run, found: {found}") from error


def pip_check(installers: Installers, python: Path, cwd: Path) -> Ran:
    """Run `pip check` on an environment."""
    return attempt(
        [installers.pip, "--python", python, "check"],
        shown="pip check",
        cwd=cwd,
        lines=("No broken requirements", "requires", "has requirement"),
    )


def uv_check(installers: Installers, python: Path, cwd: Path) -> Ran:
    """Run `uv pip check` on an environment."""
    return attempt(
        [installers.uv, "pip", "check", "--python", python],
        shown="uv pip check",
        cwd=cwd,
        lines=("compatible", "requires", "incompatib"),
    )


def shell(installers: Installers, line: str, *, cwd: Path, extra: Mapping[str, str], lines: Sequence[str]) -> Ran:
    """Run a line in a shell whose `pip` is the installers', unquoted: the point is what a shell makes of it."""
    path = os.pathsep.join([shlex.quote(str(installers.tools)), os.environ.get("PATH", os.defpath)])
    return attempt(["sh", "-c", line], shown=line, cwd=cwd, extra={"PATH": path, **extra}, lines=lines)
