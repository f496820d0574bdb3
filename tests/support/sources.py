"""Distributions from every kind of source that pip and uv install: wheels, folders, and commits of a repository."""

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

from wheels import wheel_bytes

_BACKEND = '''\
"""Builds a wheel of one module; the name of the project's folder is the name of the distribution."""

import os
import zipfile


def build_wheel(folder, settings=None, metadata=None, editable=False):
    name = "NAME"
    info = f"{name}-1.0.dist-info"
    files = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nGenerator: tests\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        f"{name}.py": "version = 1\\n",
    }
    wheel = f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, wheel), "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
        archive.writestr(f"{info}/RECORD", "".join(f"{path},,\\n" for path in [*files, f"{info}/RECORD"]))
    return wheel
'''
_PROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
COMMITTED = ("tagged", "light", "short", "whole", "branch", "newest")


@dataclass(frozen=True)
class Sources:
    """A folder of wheels, a folder with a project, and a repository with a project in each of several folders."""

    folder: Path
    first: str
    """The commit with the tags `v1` and `light` and the branch `side`."""
    second: str

    @property
    def repository(self) -> str:
        """Return the URL of the repository. Old releases of pip read such a URL only if it has a host."""
        return f"git+file://localhost{self.folder / 'repository'}"

    def wheel(self, name: str) -> Path:
        """Return the path of a wheel."""
        return self.folder / "wheels" / f"{name}-1.0-py3-none-any.whl"

    def digest(self, name: str) -> str:
        """Return the SHA-256 of a wheel, in hex."""
        return hashlib.sha256(self.wheel(name).read_bytes()).hexdigest()

    @property
    def requirements(self) -> dict[str, str]:
        """Return a dict from each distribution to the requirement that installs it."""
        revisions = dict(
            zip(COMMITTED, ("@v1", "@light", f"@{self.first[:8]}", f"@{self.first}", "@side", ""), strict=True)
        )
        return {
            **{
                name: f"{name}@ {self.repository}{revision}#subdirectory={name}" for name, revision in revisions.items()
            },
            "located": f"located @ file://{self.wheel('located')}",
            "hashed": f"hashed @ file://{self.wheel('hashed')}#sha256={self.digest('hashed')}",
            "named": str(self.wheel("named")),
            "unpacked": f"unpacked @ file://{self.folder / 'unpacked'}",
        }


def make_sources(folder: Path) -> Sources:
    """Make the wheels, the project and the repository in a folder."""
    (folder / "wheels").mkdir(parents=True)
    for name in ("located", "hashed", "named"):
        (folder / "wheels" / f"{name}-1.0-py3-none-any.whl").write_bytes(wheel_bytes(name, "1.0"))
    _write_project(folder / "unpacked")
    repository = folder / "repository"
    for name in COMMITTED:
        _write_project(repository / name)

    def git(*words: str) -> str:
        settings = ("-c", "user.name=tests", "-c", "user.email=tests@localhost", "-c", "tag.gpgsign=false")
        done = subprocess.run(["git", *settings, *words], cwd=repository, check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout.strip()

    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-qm", "one")
    git("tag", "-a", "v1", "-m", "one")
    git("tag", "light")
    git("branch", "side")
    first = git("rev-parse", "HEAD")
    git("commit", "-qm", "two", "--allow-empty")
    return Sources(folder, first, git("rev-parse", "HEAD"))


def _write_project(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "backend.py").write_text(_BACKEND.replace("NAME", folder.name), encoding="utf-8")
    project = f'[project]\nname = "{folder.name}"\nversion = "1.0"\n'
    (folder / "pyproject.toml").write_text(_PROJECT + project, encoding="utf-8")
