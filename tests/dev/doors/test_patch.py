"""Tests of two environments with Pythons of different patch versions.

The report of `scripts/parity` has only this difference and its consequences.
"""

import os
import subprocess
from pathlib import Path

import pytest
from compared import compare
from pythons import another_patch

from dev.lockenv.interpreter import find_interpreter
from dev.lockenv.project import Project

pytestmark = [pytest.mark.slow, pytest.mark.network, pytest.mark.timeout(300)]


def test_another_patch_version_is_the_only_difference(project: Project, tmp_path: Path) -> None:
    own = find_interpreter(project.toolchain).version
    other = another_patch(own)
    environ = dict(os.environ) | {"LOCKENV_PYTHON": str(other.path), "LOCKENV_HOME": str(tmp_path)}
    make: list[str | Path] = [project.root / "dev" / "command" / "python", "-m", "dev.lockenv", "track", "v0.4"]
    made = subprocess.run(
        make, cwd=project.root, env=environ, capture_output=True, text=True, check=True
    ).stdout.strip()
    found = compare(project, "venv", f"other={made}")
    assert found.status == 0, found.report["findings"]
    across = found.between("venv", "other")
    told = {code for code in across if not code.startswith("transform-") and code != "top-level-squatter"}
    # Two builds of Python may name different compilers. Then the extension modules of the two environments are compiled
    # with different tools, and the report has these further codes.
    assert told - {"toolchain-differs", "built-elsewhere", "distribution-differs"} == {"interpreter-patch"}
    assert f"venv {own}, other {other.version}" in across["interpreter-patch"]["message"]
    if "distribution-differs" in across:
        assert across["distribution-differs"]["because"] == "interpreter-patch"
