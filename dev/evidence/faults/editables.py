"""Makes an editable install with pip or uv. The project contains its build backend, so the build needs no package."""

from pathlib import Path

from dev.evidence.faults.scene import Scene
from dev.evidence.faults.wheels import write_wheel

_PROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "{name}"
version = "{version}"
"""
# The wheel of an editable install only names the project's folder. `write_project` writes this wheel into the folder
# `editable`, so the backend only copies the wheel.
_BACKEND = """\
import pathlib, shutil
def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    wheel = next(pathlib.Path(__file__).with_name("editable").iterdir())
    shutil.copy(wheel, wheel_directory)
    return wheel.name
"""


def write_project(folder: Path, name: str, version: str) -> None:
    """Write a project into `folder`, or replace the project there by another version of it."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / "__init__.py").write_text(f"__version__ = {version!r}\n", encoding="utf-8")
    (folder / "backend.py").write_text(_BACKEND, encoding="utf-8")
    (folder / "pyproject.toml").write_text(_PROJECT.format(name=name, version=version), encoding="utf-8")
    wheels = folder / "editable"
    for old in wheels.glob("*.whl"):
        old.unlink()
    write_wheel(wheels, name, version, {f"__editable__.{name}.pth": f"{folder}\n"})


def install_editable(scene: Scene, name: str, version: str) -> Path:
    """Replace the distribution `name` by an editable install of a new project; return the project's folder."""
    folder = scene.folder / "projects" / name
    write_project(folder, name, version)
    scene.uninstall(name)
    scene.install("-e", str(folder))
    return folder
