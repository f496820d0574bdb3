"""Editable installs as each build backend makes them: the files in the site folder, and the project's folder.

An editable install has its code in a folder outside the environment. The names and the texts of the files are those
that the backends write. `tests/envparity/probe/test_editables.py` also makes editable installs with the real backends.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from environment_builder import Environment

FINDER = """\
from __future__ import annotations
import sys

MAPPING: dict[str, str] = {{'alpha': '{project}/alpha'}}
NAMESPACES: dict[str, list[str]] = {{}}
PATH_PLACEHOLDER = '__editable__.alpha-1.0.finder' + ".__path_hook__"


def install():
    pass
"""
REDIRECTOR = """\
from editables.redirector import RedirectingFinder as F
F.install()
F.map_module('alpha', '{project}/src/alpha/__init__.py')
"""
EDITABLES = """\
class RedirectingFinder:
    @classmethod
    def install(cls): pass
    @classmethod
    def map_module(cls, name, path): pass
"""
SCIKIT = """\
import os
DIR = os.path.abspath(os.path.dirname(__file__))

def install(known_source_files, known_wheel_files, path, rebuild):
    pass

install({{'alpha': '{project}/src/alpha/__init__.py', 'alpha.core': '{project}/src/alpha/core.py'}}, {{}}, None, False)
"""
MESON = """\
import os

def init():
    return ('alpha', {{'alpha'}}, '{project}/build/cp311', ['/tmp/an-isolated-build/bin/ninja'], False)
"""


def pyproject(backend: str, more: str = "") -> str:
    """Return the text of a pyproject.toml.

    `more` is the text of further tables. With `more`, the backend finds the version (`dynamic`); otherwise the text
    has `{version}`, which stands for the version.
    """
    version = 'dynamic = ["version"]' if more else 'version = "{version}"'
    return (
        f'[build-system]\nrequires = ["x"]\nbuild-backend = "{backend}"\n\n[project]\nname = "alpha"\n{version}\n{more}'
    )


@dataclass(frozen=True)
class Kind:
    """One kind of editable install.

    `site` has the files in the site folder, and `project` the files of the project's folder. In both, `{project}`
    stands for the path of the project's folder, and `{version}` for the project's version. `code` is the path of the
    package in the project's folder.
    """

    site: Mapping[str, str]
    project: Mapping[str, str]
    code: str = "src/alpha"

    def install(self, environment: Environment, project: Path) -> None:
        """Install version 1.0 of alpha from the folder `project`, which this function makes."""
        self.write(project, "1.0")
        files = {name: text.format(project=project) for name, text in self.site.items()}
        if REDIRECTOR in self.site.values():
            environment.add("editables", files={"editables/__init__.py": "", "editables/redirector.py": EDITABLES})
        url = {"url": project.as_uri(), "dir_info": {"editable": True}}
        environment.add("alpha", "1.0", {**files, "alpha-1.0.dist-info/direct_url.json": json.dumps(url)})

    def write(self, project: Path, version: str) -> None:
        """Write the files of the project's folder, with this version of the project."""
        for name, text in {f"{self.code}/__init__.py": "", f"{self.code}/core.py": "", **self.project}.items():
            path = project / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("{version}", version).replace("{project}", str(project)))


def path_file(name: str, below: str = "/src") -> dict[str, str]:
    """Return the .pth file `name`, whose only line is the path of the project's folder with `below` at its end."""
    return {name: "{project}" + below + "\n"}


KINDS: dict[str, Kind] = {
    "setuptools finder": Kind(
        {
            "__editable__.alpha-1.0.pth": (
                "import __editable___alpha_1_0_finder; __editable___alpha_1_0_finder.install()"
            ),
            "__editable___alpha_1_0_finder.py": FINDER,
        },
        {"pyproject.toml": pyproject("setuptools.build_meta")},
        code="alpha",
    ),
    "setuptools src": Kind(
        path_file("__editable__.alpha-1.0.pth"), {"pyproject.toml": pyproject("setuptools.build_meta")}
    ),
    "setuptools compat": Kind(
        path_file("__editable__.alpha-1.0.pth", "") | {"alpha-1.0.dist-info/top_level.txt": "alpha\n"},
        {"setup.cfg": "[metadata]\nname = alpha\nversion = {version}\n"},
        code="alpha",
    ),
    "setuptools attr": Kind(
        path_file("__editable__.alpha-1.0.pth"),
        {
            "pyproject.toml": pyproject(
                "setuptools.build_meta", '[tool.setuptools.dynamic]\nversion = {attr = "alpha.about.version"}\n'
            ),
            "src/alpha/about.py": 'version: str = "{version}"\n',
        },
    ),
    "setup.py": Kind(
        path_file("__editable__.alpha-1.0.pth"),
        {"setup.py": 'from setuptools import setup\n\nsetup(name="alpha", version="{version}")\n'},
    ),
    "hatchling": Kind(path_file("_editable_impl_alpha.pth"), {"pyproject.toml": pyproject("hatchling.build")}),
    "hatchling, old": Kind(
        path_file("_alpha.pth"),
        {
            "pyproject.toml": pyproject("hatchling.build", '[tool.hatch.version]\npath = "src/alpha/about.py"\n'),
            "src/alpha/about.py": '__version__ = "{version}"\n',
        },
    ),
    "hatchling exact": Kind(
        {"_editable_impl_alpha.pth": "import _editable_impl_alpha", "_editable_impl_alpha.py": REDIRECTOR},
        {"pyproject.toml": pyproject("hatchling.build")},
    ),
    "flit": Kind(
        path_file("alpha.pth"),
        {
            "pyproject.toml": pyproject("flit_core.buildapi", "[tool.flit.module]\nname = 'alpha'\n"),
            "src/alpha/__init__.py": '"""Alpha."""\n__version__ = "{version}"\n',
        },
    ),
    "pdm": Kind(
        path_file("alpha.pth"),
        {
            "pyproject.toml": pyproject(
                "pdm.backend", '[tool.pdm.version]\nsource = "file"\npath = "src/alpha/__init__.py"\n'
            ),
            "src/alpha/__init__.py": '__version__ = "{version}"\n',
        },
    ),
    "poetry": Kind(
        path_file("alpha.pth"), {"pyproject.toml": '[tool.poetry]\nname = "alpha"\nversion = "{version}"\n'}
    ),
    "scikit-build-core": Kind(
        {"_editable_skbc_alpha.pth": "import _editable_skbc_alpha\n", "_editable_skbc_alpha.py": SCIKIT},
        {"pyproject.toml": pyproject("scikit_build_core.build")},
    ),
    "meson-python": Kind(
        {"alpha-editable.pth": "import _alpha_editable_loader\n", "_alpha_editable_loader.py": MESON},
        {
            "pyproject.toml": pyproject("mesonpy", "[tool.meson-python]\n"),
            "meson.build": "project('alpha', 'c',\n  version: '{version}')\n",
        },
        code="build/cp311/alpha",
    ),
    "maturin": Kind(
        path_file("alpha.pth", "/python"),
        {
            "pyproject.toml": pyproject("maturin", '[tool.maturin]\npython-source = "python"\n'),
            "Cargo.toml": '[package]\nname = "alpha"\nversion = "{version}.0"\n\n[dependencies]\npyo3 = "0.22"\n',
        },
        code="python/alpha",
    ),
    "uv_build": Kind(path_file("alpha.pth"), {"pyproject.toml": pyproject("uv_build")}),
}
