"""Runs each command of docs/guides/sign-a-report.md, as written, in a project with an environment and a lock."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from environment_builder import Environment
from evidence_kit import make_key
from judging import LOCK, fill

from dev.lockenv.project import Project

GUIDE = "docs/guides/sign-a-report.md"


@pytest.mark.signing
def test_each_command_of_the_guide(project: Project, tmp_path: Path) -> None:
    folder, programs = tmp_path / "project", tmp_path / "bin"
    for made in (folder, programs, tmp_path / ".ssh"):
        made.mkdir()
    fill(Environment(folder / ".venv"))
    (folder / "requirements.txt").write_text(LOCK)
    make_key(tmp_path / ".ssh", "id_ed25519")
    code = f"import sys; sys.path.insert(0, {str(project.root)!r}); from envparity.__main__ import run; run()"
    (programs / "envparity").write_text(f'#!/bin/sh\nexec {sys.executable} -c "{code}" "$@"\n')
    (programs / "envparity").chmod(0o755)
    commands = re.findall(r"(?ms)^```sh\n(.*?)^```$", (project.root / GUIDE).read_text(encoding="utf-8"))
    assert len(commands) == 3
    around = os.environ | {"HOME": str(tmp_path), "PATH": f"{programs}:{os.environ['PATH']}"}
    script = "".join(commands).replace("~", str(tmp_path))  # ssh-keygen and sh would read HOME in different ways
    done = subprocess.run(
        ["sh", "-e", "-c", script], cwd=folder, env=around, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    last = done.stdout.splitlines()[-1]
    assert last.startswith("verified: alice@example.com signed statement.json (key SHA256:")
    assert last.endswith("requirements.txt is its lock; .venv has its environment .venv (inside)")
