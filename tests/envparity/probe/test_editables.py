"""Tests of editable installs of every build backend: the folder with the code is there, gone, or another version's."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from editable_kinds import KINDS
from environment_builder import Environment
from judging import of, only, subject
from probing import only_distribution, wrong

from envparity.judge.judgement import check
from envparity.probe.editables import leads_to_code


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Return the name of one kind of editable install; a test runs once for each kind."""
    return str(request.param)


def test_an_editable_install_of_any_kind(kind: str, empty: Environment, tmp_path: Path) -> None:
    """Judge one install while its folder is there, has another version, lacks the code, and is gone."""
    project = tmp_path / "a project"
    KINDS[kind].install(empty, project)
    (found,) = [one for one in check(subject(empty.probe())) if one.code != "startup-code" and one.code != "unlocked"]
    assert (found.code, found.distributions) == ("editable", ("alpha",))

    KINDS[kind].write(project, "2.0")
    other = only("editable-version", check(subject(empty.probe())))
    declared = "2.0.0" if kind == "maturin" else "2.0"
    assert other.message == f"alpha 1.0 is editable: expected alpha 1.0 in {project}, found alpha {declared}"
    KINDS[kind].write(project, "1.0")
    assert "editable-version" not in wrong(empty.probe())

    code = (project / KINDS[kind].code).parent if KINDS[kind].code != "alpha" else project / "alpha"
    code.rename(tmp_path / "code")
    lost = only("editable-gone", check(subject(empty.probe())))
    assert lost.message.startswith(f"alpha 1.0 is editable: expected its code in {code}")
    (tmp_path / "code").rename(code)
    assert "editable-gone" not in wrong(empty.probe())

    project.rename(tmp_path / "moved")
    findings = check(subject(empty.probe()))
    gone = only("editable-gone", findings)
    assert gone.message == f"alpha 1.0 is editable: expected its code in {project}, found nothing there"
    assert (gone.paths, gone.distributions) == (("site/alpha-1.0.dist-info",), ("alpha",))
    assert of("editable", findings) == of("link-broken", findings) == []


def test_an_egg_link_leads_to_the_metadata(empty: Environment, tmp_path: Path) -> None:
    """`setup.py develop` writes an egg-link, and the metadata into the project's folder."""
    project = tmp_path / "project"
    (project / "src" / "Alpha_Beta.egg-info").mkdir(parents=True)
    info = project / "src" / "Alpha_Beta.egg-info" / "PKG-INFO"
    info.write_text("Metadata-Version: 2.1\nName: Alpha-Beta\nVersion: 1.0\nRequires-Dist: gone\n")
    (project / "setup.py").write_text("import setuptools\nsetuptools.setup(name='Alpha-Beta', version='1.0')\n")
    (empty.site / "alpha-beta.egg-link").write_text(f"{project}/src\n../")
    (empty.site / "easy-install.pth").write_text(f"{project}/src\n")
    one = only_distribution(empty.probe())
    assert (one.label, one.requires, one.editable) == ("Alpha-Beta 1.0", ("gone",), True)
    assert wrong(empty.probe()) == {"editable", "requirement-unmet"}
    info.with_name("PKG-INFO").write_text("Name: Alpha-Beta\nVersion: 1.0\n")
    (project / "setup.py").write_text("import setuptools\nsetuptools.setup(name='Alpha-Beta', version='1.5')\n")
    assert wrong(empty.probe()) == {"editable-version"}
    shutil.rmtree(project)
    assert wrong(empty.probe()) == {"editable-gone"}


def test_a_folder_of_links_that_lead_nowhere(empty: Environment, tmp_path: Path) -> None:
    """With `editable_mode=strict`, setuptools makes a folder of links to the modules."""
    kind = KINDS["setuptools src"]
    project = tmp_path / "project"
    kind.install(empty, project)
    links = project / "build" / "__editable__.alpha-1.0-py3-none-any"
    (links / "alpha").mkdir(parents=True)
    for name in ("__init__.py", "core.py"):
        (links / "alpha" / name).symlink_to(project / "src" / "alpha" / name)
    empty.add("alpha", "1.0", {
        "__editable__.alpha-1.0.pth": f"{links}\n",
        "alpha-1.0.dist-info/direct_url.json": (empty.site / "alpha-1.0.dist-info/direct_url.json").read_text(),
    })  # fmt: skip
    assert wrong(empty.probe()) == {"editable"}
    (project / "src" / "alpha" / "core.py").unlink()
    lost = only("editable-gone", check(subject(empty.probe())))
    assert f"expected its code in {project}/src/alpha/core.py" in lost.message
    shutil.rmtree(project / "build")
    assert f"expected its code in {links}" in only("editable-gone", check(subject(empty.probe()))).message


def test_a_link_of_flit_to_the_package(empty: Environment, tmp_path: Path) -> None:
    project = tmp_path / "project"
    KINDS["flit"].install(empty, project)
    (empty.site / "alpha.pth").unlink()
    record = empty.site / "alpha-1.0.dist-info" / "RECORD"
    lines = [line for line in record.read_text().splitlines() if not line.startswith("alpha.pth")]
    record.write_text("\n".join([*lines, "alpha,,"]) + "\n")
    (empty.site / "alpha").symlink_to(project / "src" / "alpha")
    assert wrong(empty.probe()) == {"editable"}
    (project / "src" / "alpha").rename(tmp_path / "moved")
    assert wrong(empty.probe()) == {"editable-gone"}


def test_another_project_in_the_folder(empty: Environment, tmp_path: Path) -> None:
    KINDS["hatchling"].install(empty, tmp_path / "project")
    (tmp_path / "project" / "pyproject.toml").write_text('[project]\nname = "beta"\nversion = "1.0"\n')
    assert only("editable-version", check(subject(empty.probe()))).message.endswith("found beta 1.0")


@pytest.mark.parametrize(
    ("text", "finds"),
    [
        ('[project]\nname = "Alpha"\nversion = "1.0.0"\n', "editable"),
        ('[project]\nname = "alpha"\nversion = "1.0+local"\n', "editable"),
        ('[project]\nname = "alpha"\ndynamic = ["version"]\n[tool.setuptools_scm]\n', "editable"),
        ('[tool.poetry]\nname = "alpha"\nversion = "0.0.0"\n[tool.poetry-dynamic-versioning]\n', "editable"),
        ('[project]\nname = "alpha"\nversion = "next"\n', "editable"),
        ("", "editable"),
        ("[[[", "editable"),
    ],
)
def test_a_version_that_is_unknown_or_equal_is_no_error(
    text: str, finds: str, empty: Environment, tmp_path: Path
) -> None:
    KINDS["hatchling"].install(empty, tmp_path / "project")
    (tmp_path / "project" / "pyproject.toml").write_text(text)
    assert wrong(empty.probe()) == {finds}


def test_a_path_without_an_ending_may_be_a_module(tmp_path: Path) -> None:
    (tmp_path / "alpha.py").touch()
    (tmp_path / "full").mkdir()
    (tmp_path / "empty").mkdir()
    (tmp_path / "full" / "core.py").touch()
    there = {name: leads_to_code(str(tmp_path / name)) for name in ("alpha", "alpha.py", "full", "empty", "beta")}
    assert there == {"alpha": True, "alpha.py": True, "full": True, "empty": False, "beta": False}
    assert leads_to_code(str(tmp_path / "full" / "gone.py")), "perhaps no program needs this module"
    assert not leads_to_code(str(tmp_path / "full" / "__init__.py"))


REAL = {
    "setuptools": ('requires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n', ()),
    "setuptools strict": (
        'requires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n',
        ("-C", "editable_mode=strict"),
    ),
    "hatchling": ('requires = ["hatchling"]\nbuild-backend = "hatchling.build"\n', ()),
    "flit": ('requires = ["flit_core>=3.2"]\nbuild-backend = "flit_core.buildapi"\n', ()),
    "pdm": ('requires = ["pdm-backend"]\nbuild-backend = "pdm.backend"\n', ()),
    "poetry": ('requires = ["poetry-core>=2"]\nbuild-backend = "poetry.core.masonry.api"\n', ()),
    "scikit-build-core": ('requires = ["scikit-build-core"]\nbuild-backend = "scikit_build_core.build"\n', ()),
    "meson-python": ('requires = ["meson-python", "ninja"]\nbuild-backend = "mesonpy"\n', ()),
    "uv_build": ('requires = ["uv_build"]\nbuild-backend = "uv_build"\n', ()),
}


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.timeout(300)
@pytest.mark.parametrize("backend", REAL)
def test_the_build_backends_themselves(backend: str, empty: Environment, tmp_path: Path) -> None:
    build, options = REAL[backend]
    project = tmp_path / "project"
    KINDS["uv_build"].write(project, "1.0")
    text = f'[build-system]\n{build}\n[project]\nname = "alpha"\nversion = "1.0"\ndescription = "x"\n'
    (project / "pyproject.toml").write_text(text)
    (project / "meson.build").write_text(
        "project('alpha', version: '1.0')\npy = import('python').find_installation(pure: true)\n"
        "py.install_sources('src/alpha/__init__.py', subdir: 'alpha')\n"
    )
    (project / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.15)\nproject(alpha LANGUAGES NONE)\n")
    command = [
        str(Path(sys.executable).with_name("uv")),
        "pip",
        "install",
        "-q",
        "--python",
        str(empty.python),
        *options,
        "-e",
        str(project),
    ]
    subprocess.run(command, check=True)
    assert wrong(empty.probe()) - {"startup-code"} == {"editable"}
    (project / "pyproject.toml").write_text(text.replace("1.0", "2.0"))
    assert wrong(empty.probe()) - {"startup-code"} == {"editable-version"}
    project.rename(tmp_path / "moved")
    assert wrong(empty.probe()) - {"startup-code"} == {"editable-gone"}
