"""Runs `scripts/parity` as a person would, and reads its report as data.

A door is one way into an environment: venv, docker, devcontainer or nix. `scripts/parity` compares the environments
behind the doors and reports findings, such as a file that differs.
"""

import json
import os
import subprocess
from dataclasses import dataclass
from typing import Any

from progress_lines import quiet

from dev.lockenv.project import Project


@dataclass(frozen=True)
class Comparison:
    """The result of `scripts/parity --format json`: the status, the report, and the text on standard error."""

    status: int
    report: Any
    complaints: str

    @property
    def doors(self) -> list[str]:
        """Return the names of the compared doors."""
        return [door["name"] for door in self.report["doors"]]

    @property
    def errors(self) -> list[dict[str, Any]]:
        """Return the findings that are errors."""
        return [one for one in self.report["findings"] if one["severity"] == "error"]

    def between(self, *doors: str) -> dict[str, dict[str, Any]]:
        """Return a dict from code to finding, for the findings that are about exactly these doors."""
        return {one["code"]: one for one in self.report["findings"] if one["doors"] == list(doors)}


def parity(project: Project, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run `scripts/parity` with additional environment variables and wait for its end.

    Raises subprocess.TimeoutExpired after 500 s.
    """
    return quiet(
        subprocess.run(
            [project.root / "scripts" / "parity", *arguments],
            env=os.environ | environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=500,
        )
    )


def compare(project: Project, *arguments: str) -> Comparison:
    """Compare the doors that `arguments` name; the report is None if the command printed no report."""
    done = parity(project, *arguments, "--format", "json")
    return Comparison(done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr)
