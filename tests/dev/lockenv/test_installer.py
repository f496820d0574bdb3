"""Tests of building sdists: the build sees only the locked build requirements, and reuses no wheel of another build."""

import json
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest
from wheels import write_wheel

from dev.command.errors import CommandError
from dev.lockenv.command import run
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.installer import Installer, bootstrap
from dev.lockenv.interpreter import Interpreter
from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project

pytestmark = pytest.mark.network

SDISTS = ["fastecdsa", "python-baseconv", "varint", "zeroconf"]


@pytest.fixture(scope="module")
def interpreter(project: Project) -> Interpreter:
    return EnvironmentMaker(project).interpreter


@pytest.fixture(scope="module")
def installer(project: Project) -> Installer:
    return EnvironmentMaker(project).installer(builds=True)


def empty_environment(interpreter: Interpreter, folder: Path) -> Path:
    run([interpreter.path, "-I", "-m", "venv", "--without-pip", folder], purpose="testing")
    return folder / "bin" / "python"


def built_with(python: Path, name: str) -> dict[str, str]:
    """Return the build settings that uv recorded in the installed distribution `name`, such as CFLAGS."""
    module = name.replace("-", "_")
    (path,) = python.parents[1].glob(f"lib/*/site-packages/{module}-*.dist-info/uv_build.json")
    settings: dict[str, str] = json.loads(path.read_text())["config_settings"]
    return settings


def test_the_sdists_are_those_of_the_lock(project: Project) -> None:
    locks = [read_lock(project.lock(track)) for track in project.tracks]
    built = {(name, lock.pins[name].version) for lock in locks for name in lock.built}
    assert built == {(name, locks[0].pins[name].version) for name in SDISTS}


@pytest.fixture(scope="module")
def pip(project: Project, interpreter: Interpreter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of a pip whose environment has the locked build requirements.

    To download an sdist, pip calls the build backend of the sdist, which needs these requirements.
    """
    folder = tmp_path_factory.mktemp("builder") / "venv"
    run([interpreter.path, "-I", "-m", "venv", folder], purpose="testing")
    program = folder / "bin" / "pip"
    run([program, "install", "-q", "--require-hashes", "-r", project.lock("build")], purpose="testing")
    return program


@pytest.mark.slow
@pytest.mark.slow
@pytest.mark.parametrize("name", SDISTS)
def test_each_sdist_builds_with_the_locked_build_requirements_alone(
    installer: Installer, project: Project, interpreter: Interpreter, pip: Path, tmp_path: Path, name: str
) -> None:
    wanted = tmp_path / "wanted.txt"
    wanted.write_text(read_lock(project.lock("v0.4")).pins[name].text)
    download = ["download", "-q", "--require-hashes", "--no-deps", "--no-binary=:all:", "--no-build-isolation"]
    run([pip, *download, "-d", tmp_path / "sdist", "-r", wanted], purpose="testing")
    (sdist,) = (tmp_path / "sdist").iterdir()
    python = empty_environment(interpreter, tmp_path / "venv")
    installer.add(python, str(sdist))
    assert built_with(python, name)["CFLAGS"] == "-g0"


def test_an_unlocked_build_requirement_is_not_installed(
    installer: Installer, interpreter: Interpreter, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["flit-core"]\nbuild-backend = "flit_core.buildapi"\n'
        '[project]\nname = "sample"\nversion = "1"\ndescription = "x"\n'
    )
    (tmp_path / "sample.py").write_text("")
    python = empty_environment(interpreter, tmp_path / "venv")
    with pytest.raises(CommandError, match=r"only locks/build\.txt to build it.*flit-core"):
        installer.add(python, f"sample @ {tmp_path.as_uri()}")


def test_every_unmet_requirement_is_listed(installer: Installer, interpreter: Interpreter, tmp_path: Path) -> None:
    python = empty_environment(interpreter, tmp_path / "venv")
    assert installer.unmet(python) == []
    (site,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    wanted = [f"a-missing-distribution-with-a-long-name-{number}" for number in range(60)]
    write_wheel(site, "sample", "1", *wanted)
    with ZipFile(site / "sample-1-py3-none-any.whl") as wheel:
        wheel.extractall(site)
    assert len(installer.unmet(python)) == 60
    with pytest.raises(CommandError, match=r"^check: uv ended with status 2: "):
        installer.unmet(tmp_path / "no-python")


def test_an_earlier_build_in_a_checkout_adds_nothing(
    installer: Installer, interpreter: Interpreter, tmp_path: Path
) -> None:
    checkout = tmp_path / "checkout"
    (checkout / "build" / "lib" / "sample").mkdir(parents=True)
    (checkout / "build" / "lib" / "sample" / "deleted.py").write_text("old = 1\n")
    (checkout / "sample").mkdir()
    (checkout / "sample" / "__init__.py").write_text("new = 1\n")
    (checkout / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "sample"\nversion = "1"\n[tool.setuptools]\npackages = ["sample"]\n'
    )
    python = empty_environment(interpreter, tmp_path / "venv")
    installer.add(python, f"sample @ {checkout.as_uri()}")
    (package,) = (tmp_path / "venv").glob("lib/python*/site-packages/sample")
    assert [path.name for path in package.glob("*.py")] == ["__init__.py"]
    assert [path.name for path in (checkout / "build").rglob("*.py")] == ["deleted.py"], "the checkout is unchanged"


def test_a_wheel_of_another_build_is_never_reused(
    installer: Installer, project: Project, interpreter: Interpreter, tmp_path: Path
) -> None:
    pin = read_lock(project.lock("v0.4")).pins["varint"]
    lock = tmp_path / "varint.txt"
    lock.write_text(f"--only-binary :all:\n--no-binary varint\n{pin.text}\n")
    flags = replace(project.toolchain, build_environment={**project.toolchain.build_environment, "CFLAGS": "-g1"})
    other = replace(installer, project=replace(project, toolchain=flags))
    pythons = [empty_environment(interpreter, tmp_path / name) for name in ("first", "second", "third")]
    for python, by in zip(pythons, (installer, other, installer), strict=True):
        by.sync(python, [lock])
    assert [built_with(python, "varint")["CFLAGS"] for python in pythons] == ["-g0", "-g1", "-g0"]
    assert built_with(pythons[0], "varint")["python"] == interpreter.tag


def test_a_hash_that_does_not_match_installs_nothing(
    installer: Installer, project: Project, interpreter: Interpreter, tmp_path: Path
) -> None:
    pin = read_lock(project.lock("v0.4")).pins["idna"]
    lock = tmp_path / "idna.txt"
    lock.write_text(f"{pin.name}=={pin.version} --hash=sha256:{'0' * 64}\n")
    python = empty_environment(interpreter, tmp_path / "venv")
    with pytest.raises(CommandError, match=r"(?i)hash mismatch"):
        installer.sync(python, [lock])
    assert not list((tmp_path / "venv").glob("lib/*/site-packages/idna*"))


def test_a_uv_folder_whose_python_is_gone_is_made_again(
    project: Project, interpreter: Interpreter, tmp_path: Path
) -> None:
    """Builds of images on bases with different Pythons share the folder."""
    elsewhere = replace(project, settings=replace(project.settings, home=tmp_path))
    uv = bootstrap(elsewhere, interpreter)
    python = uv.with_name("python")
    python.unlink()
    python.symlink_to("/nowhere/python")
    assert bootstrap(elsewhere, interpreter) == uv
    assert python.exists()
    assert run([uv.with_name("pip"), "--version"], purpose="testing").startswith("pip ")
