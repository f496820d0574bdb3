"""Tests that envparity gives no false alarm in intact environments of many kinds, made in the ways that people use.

A finding of envparity is an error or a note. In these environments no finding may be an error. Each kind of
environment lists exactly the notes that envparity must report, and each of these notes is true.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from environment_builder import Environment

from dev.lockenv.interpreter import find_interpreter
from dev.lockenv.project import this_project
from envparity.judge.findings import Finding
from envparity.judge.judgement import check, compare
from envparity.judge.registry import EVERY_RULE
from envparity.judge.rules import Severity
from envparity.judge.subject import Subject
from envparity.project.config import Config
from envparity.snapshot.doors import Door, Look, open_door
from envparity.snapshot.types import Snapshot

BASE = find_interpreter(this_project().toolchain).path
UV = Path(sys.executable).with_name("uv")
SMALL = ("six==1.17.0", "idna==3.11", "base58==2.1.1")  # a module, a package, and a package with a script
# With these settings pip asks no question and looks for no newer pip, and uv reads no settings files.
QUIET = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "UV_NO_CONFIG": "1"}


def run(*command: str | Path, **environ: str) -> None:
    """Run a program with the additional variables `environ`. Raises AssertionError with its output if it fails."""
    done = subprocess.run(command, env=os.environ | QUIET | environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def venv(folder: Path, *options: str) -> Path:
    """Make an environment in `folder` with `python -m venv`, and return the path of its Python."""
    run(BASE, "-I", "-m", "venv", *options, folder)
    return folder / "bin" / "python"


def pip(python: Path, *arguments: str | Path, **environ: str) -> Path:
    """Install into the environment of `python` with the pip that is installed next to these tests. Return `python`."""
    run(sys.executable, "-I", "-m", "pip", "--python", python, "install", "-q", *arguments, **environ)
    return python


def uv(python: Path, *arguments: str | Path, **environ: str) -> Path:
    """Install into the environment of `python` with uv. Return `python`."""
    run(UV, "pip", "install", "-q", "--python", python, *arguments, **environ)
    return python


def bare(folder: Path) -> Path:
    """Make an environment without pip in `folder`, and return the path of its Python."""
    return venv(folder, "--without-pip")


def project(folder: Path, backend: str, requires: str) -> Path:
    """Write a project with one package, for an editable install, and return its folder.

    `backend` is the module of the build backend, and `requires` is the requirement that installs the backend.
    """
    package = folder / "src" / "seedling"
    package.mkdir(parents=True)
    package.joinpath("__init__.py").write_text('"""A package."""\n__version__ = "1.0"\n', encoding="utf-8")
    folder.joinpath("pyproject.toml").write_text(
        f'[build-system]\nrequires = ["{requires}"]\nbuild-backend = "{backend}"\n'
        '[project]\nname = "seedling"\nversion = "1.0"\ndescription = "x"\n'
        '[project.scripts]\nseedling = "seedling:__version__"\n',
        encoding="utf-8",
    )
    return folder


@dataclass(frozen=True)
class Kind:
    """One kind of environment, and the notes that envparity must report about it.

    `make` gets an empty folder, makes the environment in it, and returns the path of its Python. `notes` has a text for
    each note, in the form of `told`. The test adds the notes that do not depend on the kind. `network` is true if
    `make` needs a package index.
    """

    name: str
    make: Callable[[Path], Path]
    notes: Sequence[str] = field(default=())
    network: bool = True


def _used(folder: Path) -> Path:
    """Make an environment in which programs have run, so that it has bytecode that Python and pytest wrote."""
    python = uv(bare(folder / "env"), *SMALL, "pytest==8.4.2", "pytest-timeout==2.4.0")
    test = folder / "test_it.py"
    test.write_text("import six, idna\ndef test_it(): assert idna.encode('a') == b'a'\n", encoding="utf-8")
    run(python, "-m", "pytest", "-q", test)
    run(python, "-O", "-c", "import six, base58, idna")
    run(python, "-OO", "-c", "import six, base58, idna")
    return python


def _identical(folder: Path) -> Path:
    """Make an environment in which two distributions install the same licence and the same namespace `__init__`."""
    environment = Environment(folder / "env")
    start = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
    for name in ("one", "two"):
        environment.add(
            f"garden-{name}",
            files={"garden/__init__.py": start, "LICENSE.garden": "free\n", f"garden/{name}.py": f"{name} = 1\n"},
        )
    return environment.python


def _user(folder: Path) -> Path:
    """Install into the user's site folder, from which Python imports only without its option -I.

    Debian's Python needs --break-system-packages for this, but HOME keeps the installed files in `folder`.
    """
    return pip(BASE, "--user", "--break-system-packages", "base58==2.1.1", HOME=str(folder))


def _moved(folder: Path) -> Path:
    run(UV, "venv", "-q", "--no-project", "--relocatable", "--python", BASE, folder / "before")
    uv(folder / "before" / "bin" / "python", *SMALL)
    (folder / "before").rename(folder / "after")
    return folder / "after" / "bin" / "python"


def _moved_behind_a_link(folder: Path) -> Path:
    """Move an environment, and let a link at its old path lead to it, so that its scripts still start its Python."""
    pip(bare(folder / "before"), *SMALL)
    (folder / "before").rename(folder / "after")
    (folder / "before").symlink_to("after")
    return folder / "after" / "bin" / "python"


def _target(folder: Path) -> Path:
    python = bare(folder / "env")
    site = next(folder.glob("env/lib/python*/site-packages"))
    run(sys.executable, "-I", "-m", "pip", "install", "-q", "--target", site, *SMALL)
    return python


def _virtualenv(folder: Path) -> Path:
    run(sys.executable, "-I", "-m", "virtualenv", "-q", "-p", BASE, folder / "env")
    return pip(folder / "env" / "bin" / "python", *SMALL)


def _uv_venv(folder: Path) -> Path:
    run(UV, "venv", "-q", "--no-project", "--seed", "--python", BASE, folder / "env")
    return uv(folder / "env" / "bin" / "python", *SMALL)


def _wheel(folder: Path) -> Path:
    """Install from a local wheel, so that pip records the path and the hash of the wheel in direct_url.json."""
    run(sys.executable, "-I", "-m", "pip", "download", "-q", "--no-deps", "-d", folder / "wheels", "six==1.17.0")
    return pip(bare(folder / "env"), next(folder.glob("wheels/*.whl")))


def _spaces(folder: Path) -> Path:
    return pip(venv(folder / "an environment with spaces"), *SMALL)


def _long(folder: Path) -> Path:
    return uv(bare(folder / ("a-long-name-" * 8) / ("and-longer-" * 8)), *SMALL, "--compile-bytecode")


PTH = "startup-code setuptools"  # the .pth file with code is distutils-precedence.pth

KINDS = [
    Kind("venv-pip-setuptools", lambda f: pip(venv(f / "env"), *SMALL), [PTH]),
    Kind("pip-no-compile", lambda f: pip(bare(f / "env"), "--no-compile", *SMALL)),
    Kind("venv-copies", lambda f: pip(venv(f / "env", "--without-pip", "--copies"), *SMALL)),
    Kind("uv-hardlink", lambda f: uv(bare(f / "env"), "--link-mode=hardlink", *SMALL)),
    Kind("uv-copy", lambda f: uv(bare(f / "env"), "--link-mode=copy", "--compile-bytecode", *SMALL)),
    Kind(
        "uv-symlink",
        lambda f: uv(bare(f / "env"), "--link-mode=symlink", "--compile-bytecode", *SMALL, "numpy"),
        ["installed-as-links base58 idna numpy six"],
    ),
    Kind("uv-clone", lambda f: uv(bare(f / "env"), "--link-mode=clone", *SMALL)),
    Kind(
        "uv-checked-hash",
        lambda f: uv(bare(f / "env"), "--compile-bytecode", *SMALL, PYC_INVALIDATION_MODE="CHECKED_HASH"),
    ),
    Kind(
        "uv-unchecked-hash",
        lambda f: uv(bare(f / "env"), "--compile-bytecode", *SMALL, PYC_INVALIDATION_MODE="UNCHECKED_HASH"),
    ),
    Kind("virtualenv", _virtualenv, [PTH]),
    Kind("uv-venv", _uv_venv, [PTH]),
    Kind(
        "editable-setuptools-pip",
        lambda f: pip(bare(f / "env"), "-e", project(f / "p", "setuptools.build_meta", "setuptools")),
        ["editable seedling"],
    ),
    Kind(
        "editable-setuptools-finder",
        lambda f: pip(
            bare(f / "env"),
            "--config-settings=editable_mode=strict",
            "-e",
            project(f / "p", "setuptools.build_meta", "setuptools"),
        ),
        ["editable seedling"],
    ),
    Kind(
        "editable-hatchling-uv",
        lambda f: uv(bare(f / "env"), "-e", project(f / "p", "hatchling.build", "hatchling")),
        ["editable seedling"],
    ),
    Kind(
        "editable-flit-pip",
        lambda f: pip(bare(f / "env"), "-e", project(f / "p", "flit_core.buildapi", "flit_core")),
        ["editable seedling"],
    ),
    Kind(
        "editable-pdm-uv",
        lambda f: uv(bare(f / "env"), "-e", project(f / "p", "pdm.backend", "pdm-backend")),
        ["editable seedling"],
    ),
    Kind(
        "editable-poetry-uv",
        lambda f: uv(bare(f / "env"), "-e", project(f / "p", "poetry.core.masonry.api", "poetry-core>=2")),
        ["editable seedling"],
    ),
    Kind(
        "namespace-google",
        lambda f: uv(bare(f / "env"), "googleapis-common-protos", "protobuf", "google-api-core"),
    ),
    Kind(
        "namespace-others",
        lambda f: pip(
            bare(f / "env"), "zope.interface", "zope.event", "jaraco.functools", "jaraco.text", "backports.tarfile"
        ),
    ),
    Kind(
        "namespace-worded-differently",
        lambda f: pip(bare(f / "env"), "backports.tarfile", "backports.cached-property", "backports.zstd"),
    ),
    Kind("identical-files", _identical, network=False),
    Kind("moved-relocatable", _moved),
    Kind("moved-behind-a-link", _moved_behind_a_link),
    Kind("extras", lambda f: uv(bare(f / "env"), "jupyter-events[cli]", "uvicorn[standard]")),
    Kind("data-files", lambda f: pip(bare(f / "env"), "jupyterlab-widgets==3.0.16")),
    Kind("headers", lambda f: pip(bare(f / "env"), "greenlet==3.2.4")),
    Kind("extension-modules", lambda f: uv(bare(f / "env"), "numpy", "msgspec", "markupsafe")),
    Kind("path-files", lambda f: pip(bare(f / "env"), "setuptools==78.1.1", "coverage==7.11.3"), [PTH]),
    Kind(
        "system-site-packages",
        lambda f: pip(venv(f / "env", "--system-site-packages", "--without-pip"), "base58==2.1.1"),
    ),
    Kind("pip-target", _target),
    Kind("pip-user", _user, ["path-hidden"]),
    Kind("wheel-file", _wheel),
    Kind("spaces", _spaces, [PTH]),
    Kind("long-path", _long),
    Kind("system-python", lambda _: BASE, network=False),
    Kind("used", _used),
]


def told(finding: Finding) -> str:
    """Return the code of a finding and the names of its distributions, separated by blanks.

    Leave out the names of `record-managed`, because they depend on the system of this machine.
    """
    named = () if finding.code == "record-managed" else finding.distributions
    return " ".join([finding.code, *named])


def strays(snapshot: Snapshot, made: Path) -> set[str]:
    """Return the files without an owner in site folders outside `made`, which are those of this machine."""
    outside = {name for name, folder in snapshot.located.sites.items() if not folder.startswith(str(made))}
    return {path for path, file in snapshot.files.items() if path.partition("/")[0] in outside and not file.claims}


@pytest.mark.parametrize(
    "kind", [pytest.param(one, id=one.name, marks=[pytest.mark.network] if one.network else []) for one in KINDS]
)
def test_a_clean_environment_has_no_errors(kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = kind.make(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))  # the snapshot includes the site folder below HOME
    config = Config(root=tmp_path)
    snapshot = open_door(Door("clean", (str(python),)), config, None, Look(behaviour=False))
    if python == BASE and not snapshot.distributions:
        pytest.skip("the Python of this system has no distribution")
    subject = Subject("clean", snapshot, config, None, None)
    machine = strays(snapshot, tmp_path)
    found = [one for one in check(subject) if not one.paths or not machine.issuperset(one.paths)]
    print(*(f"{one.severity} {told(one)}: {one.message}" for one in found), sep="\n")
    assert [one for one in found if one.severity is Severity.ERROR] == []
    expected = [*kind.notes, "unlocked", *(["record-managed"] if subject.managed else [])]
    assert sorted(map(told, found)) == sorted(expected)


@pytest.mark.network
def test_environments_of_pip_and_uv_differ_only_in_installer_files(tmp_path: Path) -> None:
    config = Config(root=tmp_path)
    subjects = []
    for name, install in (("pip", pip), ("uv", uv)):
        python = install(bare(tmp_path / name), "--no-deps", *SMALL, "pygments==2.19.2")
        snapshot = open_door(Door(name, (str(python),)), config, None, Look(behaviour=False))
        subjects.append(Subject(name, snapshot, config, None, None))
    found = compare(subjects)
    assert {EVERY_RULE[one.code].family for one in found} == {"transform"}
    words = {path for one in found if one.code == "transform-installer" for path in one.paths}
    assert {"scripts/base58", "scripts/pygmentize", "site/pygments-2.19.2.dist-info/RECORD"} <= words
