"""Checkouts of py-libp2p for tests: a small one that is made up, and a real one from the sdist of a release."""

import subprocess
from pathlib import Path

from dev.lockenv.project import this_project

PYPROJECT = """\
[build-system]
requires = ["setuptools>=42", "wheel"]
build-backend = "setuptools.build_meta"

[project]
name = "libp2p"
version = "0.9.0"
requires-python = ">=3.10, <4.0"
dependencies = [{requirements}]

[project.optional-dependencies]
webrtc = ["aiortc>=1.5.0,<2.0"]
"""


def git(root: Path, *words: str, stdin: str = "") -> str:
    """Run git in a checkout and return its standard output; git reads no settings of the person or the machine."""
    command = ["git", "-C", str(root), "-c", "user.name=n", "-c", "user.email=e@example.org", *words]
    own = {"PATH": "/usr/bin:/bin", "HOME": "/nowhere", "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(command, env=own, input=stdin, capture_output=True, text=True, check=True).stdout


def commit(root: Path) -> None:
    """Commit every file of a checkout, also the files that git would ignore."""
    git(root, "add", "--all", "--force", ".")
    git(root, "commit", "-q", "--allow-empty", "-m", "a commit")


def made_up(root: Path, *requirements: str) -> Path:
    """Make and return a checkout without code; its pyproject.toml lists `requirements` as the dependencies."""
    (root / "libp2p").mkdir(parents=True)
    (root / "libp2p" / "__init__.py").write_text("")
    quoted = ", ".join(f'"{one}"' for one in requirements)
    (root / "pyproject.toml").write_text(PYPROJECT.format(requirements=quoted))
    git(root, "init", "-q")
    commit(root)
    return root


def released(folder: Path, version: str) -> Path:
    """Make a checkout in `folder` from the sdist of a py-libp2p release, which pip downloads; return the checkout."""
    tools = this_project().environment("tools") / "bin" / "python"
    fetch = [str(tools), "-m", "pip", "download", "--no-deps", "--no-binary=libp2p", f"libp2p=={version}"]
    subprocess.run(fetch, cwd=folder, check=True, capture_output=True)
    (archive,) = folder.glob(f"libp2p-{version}.tar.gz")
    subprocess.run(["tar", "--no-same-owner", "-xzf", archive], cwd=folder, check=True)
    root = folder / f"libp2p-{version}"
    git(root, "init", "-q")
    commit(root)
    return root
