"""Installs the tools that made the locks, and runs them."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dev.command.errors import CommandError
from dev.lockenv.command import run

_PACKAGES = {"poetry": ("poetry", "poetry-plugin-export"), "pdm": ("pdm[locked]",), "pipenv": ("pipenv",)}
# A person's settings of a tool would change the tool's answers.
_SETTINGS = ("UV_", "PIP_", "PIPENV_", "POETRY_", "PDM_", "PYTHON", "XDG_", "VIRTUAL_ENV", "CONDA_", "WORKON_HOME")
_LONGEST = 300  # seconds


class ToolError(Exception):
    """A tool gave no answer; the text has the last lines of its output, or another reason."""


@dataclass(frozen=True)
class Toolbox:
    """The tools, each in its own environment below `folder`. `base` is the Python of these environments."""

    uv: Path
    base: Path
    folder: Path

    def python(self, tool: str) -> Path:
        """Return the Python of a tool's environment; install the tool from the package index if it is missing.

        For pip, return the Python of uv's environment, because that environment has pip too. Raise CommandError if the
        tool cannot be installed.
        """
        if tool == "pip":
            return self.uv.with_name("python")
        made = self.folder / tool
        python = made / "bin" / "python"
        if not made.exists():
            purpose = f"{tool}: installing"
            run([self.uv, "venv", "-q", "--no-project", "--python", self.base, made], purpose=purpose)
            run([self.uv, "pip", "install", "-q", "--python", python, *_PACKAGES[tool]], purpose=purpose)
        return python

    def call(self, tool: str, *words: str | Path, folder: Path) -> str:
        """Run a tool in a folder and return its output; raise ToolError if the tool fails.

        Raise CommandError if the tool cannot be installed or started, or if it takes longer than five minutes.
        """
        return self._call(self.uv if tool == "uv" else self.python(tool).with_name(tool), tool, words, folder)

    def call_python(self, tool: str, program: str, *words: str | Path, folder: Path) -> str:
        """Run the Python text `program` in the environment of a tool, and return the output of the program.

        The arguments `words` and the errors are as for `call`.
        """
        return self._call(self.python(tool), tool, ("-I", "-c", program, *words), folder)

    def _call(self, program: Path, tool: str, words: Sequence[str | Path], folder: Path) -> str:
        try:
            done = subprocess.run(
                [program, *words],
                cwd=folder,
                env=self._variables,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_LONGEST,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CommandError(f"{tool}: {error}") from error
        if done.returncode != 0:
            lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip(" \n^~")]
            raise ToolError(f"{tool} said: {' '.join(lines[-2:])[-300:]}")
        return done.stdout

    @cached_property
    def _variables(self) -> Mapping[str, str]:
        kept = {name: text for name, text in os.environ.items() if not name.startswith(_SETTINGS)}
        return kept | {
            "HOME": str(self.folder),
            "PDM_CHECK_UPDATE": "0",
            "PDM_IGNORE_SAVED_PYTHON": "1",
            "PDM_NON_INTERACTIVE": "1",
            "PDM_USE_VENV": "0",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "POETRY_VIRTUALENVS_CREATE": "false",
            "PIPENV_IGNORE_VIRTUALENVS": "1",
            "PIPENV_QUIET": "1",
            "UV_OFFLINE": "1",
            "UV_PYTHON_DOWNLOADS": "never",
        }
