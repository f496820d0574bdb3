"""Tests of the name and version that a project's folder declares, for each file in which projects declare them."""

from pathlib import Path

import pytest

from envparity.probe.versions import declared, toml_tables

FLIT = '[build-system]\nbuild-backend = "flit_core.buildapi"\n[project]\nname = "al-pha"\ndynamic = ["version"]\n'
MATURIN = '[build-system]\nbuild-backend = "maturin"\n[project]\nname = "alpha"\ndynamic = ["version"]\n'
SETUPTOOLS = '[project]\nname = "alpha"\ndynamic = ["version"]\n[tool.setuptools.dynamic]\n'
CASES: dict[str, tuple[dict[str, str], str | None]] = {
    "static": ({"pyproject.toml": "[project]\nname = 'alpha'\nversion = '1.2' # now\n"}, "1.2"),
    "spaces": ({"pyproject.toml": '[ project ]\n "name"="alpha"\n"version"  =  "1.2"\n'}, "1.2"),
    "another table": ({"pyproject.toml": '[tool.x]\nversion = "9"\n[project]\nname = "alpha"\n'}, None),
    "poetry": ({"pyproject.toml": '[tool.poetry]\nname = "alpha"\nversion = "1.2"\n'}, "1.2"),
    "setup.cfg": ({"setup.cfg": "[metadata]\nname = alpha\nversion = 1.2\n"}, "1.2"),
    "setup.cfg, quoted by nobody": ({"setup.cfg": "[metadata]\nname=alpha\nversion=1.2\n[options]\n"}, "1.2"),
    "setup.cfg, from a module": ({"setup.cfg": "[metadata]\nname = alpha\nversion = attr: alpha.version\n"}, None),
    "setup.cfg, with a tag": (
        {"setup.cfg": "[metadata]\nname = alpha\nversion = 1.2\n[egg_info]\ntag_build = dev\n"},
        None,
    ),
    "setup.py": ({"setup.py": "import setuptools as s\ns.setup(name='alpha', version='1.2')\n"}, "1.2"),
    "setup.py, computed": ({"setup.py": "from setuptools import setup\nsetup(version=read('VERSION'))\n"}, None),
    "setup.py, of Python 2": ({"setup.py": "print 'x'\n"}, None),
    "flit": ({"pyproject.toml": FLIT, "src/al_pha/__init__.py": "__version__ = '1.2'\n"}, "1.2"),
    "flit, one module": ({"pyproject.toml": FLIT, "al_pha.py": "import os\n\n__version__ = '1.2'\n"}, "1.2"),
    "flit, computed": ({"pyproject.toml": FLIT, "al_pha.py": "__version__ = find()\n"}, None),
    "setuptools, from a module": (
        {"pyproject.toml": SETUPTOOLS + "version = {attr = 'a.b.__version__'}\n", "a/b.py": "__version__ = '1.2'\n"},
        "1.2",
    ),
    "setuptools, from a file": (
        {"pyproject.toml": SETUPTOOLS + "version = {file = 'VERSION'}\n", "VERSION": "1.2"},
        None,
    ),
    "setuptools_scm": (
        {"pyproject.toml": SETUPTOOLS + "[tool.setuptools_scm]\n", "setup.py": "setup(version='1')"},
        None,
    ),
    "maturin": ({"pyproject.toml": MATURIN, "Cargo.toml": '[package]\nname = "alpha"\nversion = "1.2.0"\n'}, "1.2.0"),
    "maturin, workspace": ({"pyproject.toml": MATURIN, "Cargo.toml": "[package]\nversion.workspace = true\n"}, None),
    "scikit-build-core": (
        {
            "pyproject.toml": SETUPTOOLS.replace("[tool.setuptools.dynamic]", "[tool.scikit-build.metadata.version]")
            + 'provider = "scikit_build_core.metadata.regex"\ninput = "src/alpha.py"\n',
            "src/alpha.py": '__version__ = "1.2"\n',
        },
        "1.2",
    ),
    "nothing": ({}, None),
}


@pytest.mark.parametrize("case", CASES)
def test_the_version_that_a_folder_declares(case: str, tmp_path: Path) -> None:
    files, version = CASES[case]
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert declared(str(tmp_path)).get("version") == version


def test_files_that_cannot_be_read_declare_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").mkdir()
    (tmp_path / "setup.cfg").write_bytes(b"\xff\0[")
    (tmp_path / "setup.py").symlink_to("setup.py")
    assert declared(str(tmp_path)) == {}
    assert declared(str(tmp_path / "gone")) == {}


def test_the_first_entry_of_a_name_counts() -> None:
    assert toml_tables('[a]\nx = "1"\nx = "2"\n[b."c.d"]\ny = 3\n') == {"": {}, "a": {"x": '"1"'}, "b.c.d": {"y": "3"}}
