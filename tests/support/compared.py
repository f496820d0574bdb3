"""`scripts/parity` as a person calls it, and its report as data."""

import json
import os
import subprocess
from dataclasses import dataclass
from typing import Any

from dev.lockenv.project import Project


@dataclass(frozen=True)
class Comparison:
    """How `scripts/parity --format json` ended."""

    status: int
    report: Any
    complaints: str

    @property
    def doors(self) -> list[str]:
        """The names of the doors that it compared."""
        return [door["name"] for door in self.report["doors"]]

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The findings that are errors."""
        return [one for one in self.report["findings"] if one["severity"] == "error"]

    def between(self, *doors: str) -> dict[str, dict[str, Any]]:
        """Return the findings of exactly these doors, by code."""
        return {one["code"]: one for one in self.report["findings"] if one["doors"] == list(doors)}


def parity(project: Project, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run `scripts/parity` to its end."""
    return subprocess.run(
        [project.root / "scripts" / "parity", *arguments],
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )


def compare(project: Project, *arguments: str) -> Comparison:
    """Compare doors; the report is None where there is none."""
    done = parity(project, *arguments, "--format", "json")
    return Comparison(done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr)
