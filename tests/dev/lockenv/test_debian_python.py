"""Tests of a later Debian's Python, which a machine without a package of it unpacks into a folder."""

import tomllib
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.lockenv import debian_python
from dev.lockenv.debian_python import UnpackedPython, read_unpacked
from dev.lockenv.interpreter import describe
from dev.lockenv.project import Project

PACKAGES = ("python3.99=1",)


@pytest.fixture
def python(monkeypatch: pytest.MonkeyPatch) -> UnpackedPython:
    """Return the packages of a Python that unpack to a few files, without a download."""

    def unpack(folder: Path, suite: str, packages: tuple[str, ...], programs: list[str], **_: object) -> None:
        for name in (
            *programs,
            "usr/include/python3.99/pyconfig.h",
            "usr/include/some-linux-gnu/python3.99/pyconfig.h",
            "usr/include/stdio.h",
            "usr/share/doc/python3.99/README",
            "usr/lib/python3.99/sitecustomize.py",
        ):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(name)
        (folder / "usr/lib/python3.99/_sysconfigdata__some.py").write_text("{'INCLUDEPY': '/usr/include/python3.99'}")
        (folder / "complete").write_text(f"{suite} {' '.join(packages)} {folder}\n")

    monkeypatch.setattr(debian_python, "unpack", unpack)
    return UnpackedPython("3.99", "trixie", PACKAGES, None)


def test_only_the_headers_of_the_python_stay(python: UnpackedPython, tmp_path: Path) -> None:
    folder = tmp_path / "python-3.99"
    assert python.find(folder) is None
    assert python.make(folder) == folder / "usr" / "bin" / "python3.99"
    assert python.find(folder) == folder / "usr" / "bin" / "python3.99"
    headers = folder / "usr" / "include"
    assert [path.name for path in headers.iterdir()] == ["python3.99"]
    # Debian's own file includes another one by its path on the whole machine.
    assert (headers / "python3.99" / "pyconfig.h").read_text().startswith("usr/include/some-linux-gnu/")
    library = folder / "usr" / "lib" / "python3.99"
    assert (library / "_sysconfigdata__some.py").read_text() == f"{{'INCLUDEPY': '{headers}/python3.99'}}"
    assert not (library / "sitecustomize.py").exists()


def test_a_python_for_an_image_has_the_paths_of_the_image(python: UnpackedPython, tmp_path: Path) -> None:
    python.make(tmp_path / "python", Path("/opt/python3.99"))
    text = (tmp_path / "python" / "usr/lib/python3.99/_sysconfigdata__some.py").read_text()
    assert text == "{'INCLUDEPY': '/opt/python3.99/usr/include/python3.99'}"


def test_each_later_python_has_pins_of_one_version(project: Project) -> None:
    path = project.root / "locks" / "toolchain.toml"
    assert read_unpacked(path, project.toolchain.python_series) is None
    tables = tomllib.loads(path.read_text())["debian"]["unpacked"]
    assert tables.keys() <= set(project.pythons.values())
    for python in tables:
        found = read_unpacked(path, python)
        assert found is not None
        assert {one.partition("=")[0] for one in found.packages} == {
            f"python{python}",
            f"python{python}-venv",
            f"libpython{python}-dev",
        }
        assert len({one.partition("=")[2] for one in found.packages}) == 1


def test_a_table_without_packages_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "toolchain.toml").write_text('[debian.unpacked."3.99"]\nsuite = "trixie"\n')
    with pytest.raises(CommandError, match=r'expected a suite and packages in \[debian\.unpacked\."3\.99"\], found: '):
        read_unpacked(tmp_path / "toolchain.toml", "3.99")


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.timeout(600)
def test_the_unpacked_python_has_headers_and_runs(project: Project, tmp_path: Path) -> None:
    for python in project.pythons_of("tools")[1:]:
        packages = read_unpacked(project.root / "locks" / "toolchain.toml", python)
        assert packages is not None
        found = describe(packages.make(tmp_path / python))
        assert found.version.startswith(f"{python}.")
        assert found.headers == tmp_path / python / "usr" / "include" / f"python{python}"
        assert (found.headers / "Python.h").is_file()
