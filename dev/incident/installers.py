"""Functions that run pip and uv as a person would, on an environment other than their own.

If a function has the parameter `as_of`, a time in ISO 8601, the installer ignores files that were uploaded later.
"""

import os
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

# `clean_environment` keeps these variables. They would change the install, so the commands here run without them.
_FOREIGN = ("UV_COMPILE_BYTECODE", "UV_CONCURRENT_INSTALLS", "UV_OFFLINE")
_TIMEOUT = 900.0  # Seconds for one command: enough for a slow build on a slow machine, but not endless.


@dataclass(frozen=True)
class Installers:
    """pip and uv of the tools environment, and the Python with which new environments are made."""

    tools: Path
    """The folder that contains the programs pip and uv."""
    python: Path

    @property
    def uv(self) -> Path:
        """Return the path of the program uv."""
        return self.tools / "uv"

    @property
    def pip(self) -> Path:
        """Return the path of the program pip."""
        return self.tools / "pip"

    def versions(self) -> dict[str, str]:
        """Return a dict from `pip` and `uv` to their versions. Raises CommandError if pip or uv cannot be run."""
        return {
            path.name: run([path, "--version"], purpose=f"asking {path.name} for its version").split()[1]
            for path in (self.pip, self.uv)
        }

    def make_environment(self, folder: Path) -> Path:
        """Make an empty environment, without pip, in `folder`, and return the path of its Python.

        Raises CommandError if venv fails.
        """
        command: list[str | Path] = [self.python, "-I", "-m", "venv", "--without-pip", folder]
        run(command, purpose="making an environment")
        return folder / "bin" / "python"


def find_installers(project: Project) -> Installers:
    """Return the pip and the uv of `.venv-tools`, the environment in which every caller of this function runs.

    Raises CommandError if this machine has no Python that can make the new environments.
    """
    return Installers(project.environment("tools") / "bin", EnvironmentMaker(project).interpreter.path)


def resolve(
    installers: Installers, requirements: Sequence[str], as_of: str, folder: Path, override: Sequence[str | Path] = ()
) -> tuple[Ran, tuple[str, ...]]:
    """Resolve `requirements` with uv, and write the chosen versions to `folder`/pins.txt.

    Return the command and the lines `name==version` of that file. pip and uv later use these pins as constraints.
    `override` has more options for uv. Raises CommandError if uv fails.
    """
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
    """Make the folder `environment` and install `requirements` there with pip; return the command.

    The pins of `folder`/pins.txt are constraints. pip resolves the requirements again, and chooses the order in which
    it installs. Raises CommandError if pip fails.
    """
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
    """Make the folder `environment` and install `requirements` there with uv; return the command.

    The pins of `folder`/pins.txt are constraints. uv decides how many wheels it installs at the same time. `override`
    has more options for uv. Raises CommandError if uv fails.
    """
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
    """Run a command in the folder `cwd`, and keep the lines of its output that contain one of the texts `lines`.

    `shown` is the command as a person would type it. `extra` has more environment variables. Raises CommandError if
    the command cannot be run or takes longer than 900 s. Without `lines`, it also raises CommandError if the exit
    status is not 0.
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
    """Run a program and return how it ended. After its end, stop every process that the program has started.

    `name` is the program's name in the error. Raises CommandError if the program cannot be run, or if it takes
    longer or prints more than the task allows.
    """
    try:
        return Supervisor().run(task)
    except NotEnded as error:
        found = str(error) or f"no end within {task.timeout:.0f} s"
        raise CommandError(f"expected {name} to run, found: {found}") from error


def pip_check(installers: Installers, python: Path, cwd: Path) -> Ran:
    """Run `pip check` in the folder `cwd` for the environment of `python`. Raises CommandError if pip cannot run."""
    return attempt(
        [installers.pip, "--python", python, "check"],
        shown="pip check",
        cwd=cwd,
        lines=("No broken requirements", "requires", "has requirement"),
    )


def uv_check(installers: Installers, python: Path, cwd: Path) -> Ran:
    """Run `uv pip check` in the folder `cwd` for the environment of `python`. Raises CommandError if uv cannot run."""
    return attempt(
        [installers.uv, "pip", "check", "--python", python],
        shown="uv pip check",
        cwd=cwd,
        lines=("compatible", "requires", "incompatib"),
    )


def shell(installers: Installers, line: str, *, cwd: Path, extra: Mapping[str, str], lines: Sequence[str]) -> Ran:
    """Run `line` in a shell in which the command `pip` is the pip of `installers`.

    The shell gets the line unchanged, because the incident depends on how a shell reads an unquoted `>=`. `extra` and
    `lines` are those of `attempt`. Raises CommandError if the shell cannot be run.
    """
    path = os.pathsep.join([str(installers.tools), os.environ.get("PATH", os.defpath)])
    return attempt(["sh", "-c", line], shown=line, cwd=cwd, extra={"PATH": path, **extra}, lines=lines)
