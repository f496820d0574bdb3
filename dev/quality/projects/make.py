"""Makes a project and its environment with the project's own tool, from an index on loopback."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from index import Index

from dev.command.command import ROOT
from dev.command.errors import CommandError
from dev.lockenv.command import run
from dev.quality.projects.kinds import ProjectKind

_WHEELS = (
    "flask",
    "requests",
    "rich",
    "pytest",
    "colorama",
    "colorama==0.4.5",
    "six",
    "flit_core",
    "poetry-core",
    "pip-tools",
)
# A person's settings of a tool would change the tool's behaviour.
_SETTINGS = ("UV_", "PIP_", "PIPENV_", "POETRY_", "PDM_", "PYTHON", "XDG_", "VIRTUAL_ENV", "CONDA_", "WORKON_HOME")
_KEPT = ("PIP_CERT", "UV_CACHE_DIR", "UV_NATIVE_TLS", "UV_SYSTEM_CERTS")


@dataclass(frozen=True)
class Workshop:
    """The things that every project is made with: uv, the base Python, the index, and a folder for tools."""

    uv: Path
    base: Path
    index: Index
    folder: Path

    def tool(self, kind: ProjectKind) -> Path:
        """Return the folder with the programs of the kind's tool; install a missing tool from the package index."""
        name = kind.tool
        if name == "uv":
            return self.uv.parent
        tool = self.folder / "tools" / name
        if not tool.exists():
            run([self.uv, "venv", "-q", "--no-project", "--python", self.base, tool], purpose=f"{name}: installing")
            python = tool / "bin" / "python"
            run([self.uv, "pip", "install", "-q", "--python", python, name + kind.extra], purpose=f"{name}: installing")
        return tool / "bin"


@dataclass(frozen=True)
class Made:
    """A project in `folder`, its environment, and the environment variables with which its programs are called."""

    kind: ProjectKind
    folder: Path
    environment: Path
    variables: Mapping[str, str]

    @property
    def site(self) -> Path:
        """Return the path of site-packages."""
        return next((self.environment / "lib").glob("python3.*")) / "site-packages"

    @property
    def python(self) -> Path:
        """Return the path of the environment's Python."""
        return self.environment / "bin" / "python"

    def envparity(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run envparity in the project, and return the finished process, with its output."""
        code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from envparity.__main__ import run; run()"
        return subprocess.run(
            [sys.executable, "-I", "-c", code, *arguments],
            cwd=self.folder / self.kind.inside,
            env=dict(self.variables),
            capture_output=True,
            text=True,
            check=False,
        )


@contextmanager
def workshop(uv: Path, base: Path, folder: Path) -> Iterator[Workshop]:
    """Yield a workshop, whose index on loopback has the wheels of all projects.

    The wheels come from the package index. Raise CommandError if a wheel cannot be fetched.
    """
    wheels = folder / "wheels"
    pip = folder / "pip"
    run([base, "-m", "venv", pip], purpose="fetching wheels")
    for extra in ((), ("--no-deps",)):
        names = [one for one in _WHEELS if ("==" in one) == bool(extra)]
        download: list[str | Path] = [pip / "bin" / "pip", "download", "-q", "--only-binary", ":all:", *extra]
        run([*download, "-d", wheels, *names], purpose="fetching wheels")
    with Index() as index:
        for path in sorted(wheels.glob("*.whl")):
            index.wheel_file(path)
        yield Workshop(uv, base, index, folder)


def make_project(kind: ProjectKind, shop: Workshop, folder: Path) -> Made:
    """Write the files of a project into `folder`; the project's tool then makes the lock and the environment.

    Raise CommandError if a command of the tool fails.
    """
    project, home = folder / "project", folder / "home"
    home.mkdir(parents=True)
    (project / ".git").mkdir(parents=True)  # envparity's search for a lock and an environment ends at this folder
    for path, text in kind.files.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text.replace("{index}", shop.index.url), encoding="utf-8")
    bench = _Bench(kind, shop, project, _variables(kind, shop, home))
    if kind.own:
        bench.run("{python}", "-m", "venv", str(project / kind.environment))
    for command in kind.commands:
        bench.run(*command)
    made = Made(kind, project, bench.environment(), bench.variables)
    if not made.python.exists():
        raise CommandError(f"{kind.tool}: expected an environment at {made.environment}, found none")
    return made


def _variables(kind: ProjectKind, shop: Workshop, home: Path) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith(_SETTINGS) or name in _KEPT}
    programs = (shop.tool(kind), shop.uv.parent, shop.folder / "pip" / "bin")  # a repair needs these programs
    return kept | {
        "PATH": os.pathsep.join([*map(str, programs), kept.get("PATH", os.defpath)]),
        "HOME": str(home),
        "PIP_INDEX_URL": shop.index.url,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_DEFAULT_INDEX": shop.index.url,
        "UV_PYTHON_DOWNLOADS": "never",
        "POETRY_CACHE_DIR": str(home / "poetry"),
        "POETRY_VIRTUALENVS_IN_PROJECT": "false",
        "PDM_CHECK_UPDATE": "0",
        "WORKON_HOME": str(home / "environments"),
        **kind.variables,
    }


@dataclass(frozen=True)
class _Bench:
    kind: ProjectKind
    shop: Workshop
    project: Path
    variables: dict[str, str]

    def run(self, *words: str) -> None:
        first, *rest = [word.replace("{python}", str(self.shop.base)) for word in words]
        if first == "python":
            program = self.environment() / "bin" / "python"
        elif first == self.kind.tool:
            program = self.shop.tool(self.kind) / first
        else:
            program = Path(first)
        _call([str(program), *rest], self.project, self.variables)

    def environment(self) -> Path:
        """Return the folder of the environment, which is in the project or in the home folder of this test.

        Raise CommandError if the environment must be in the home folder, and this folder has none or several.
        """
        if self.kind.environment:
            return self.project / self.kind.environment
        home = Path(self.variables["HOME"])
        found = [path.parent for path in home.glob("*/**/pyvenv.cfg") if path.parent.parent.name != "uv"]
        if len(found) != 1:
            raise CommandError(f"{self.kind.tool}: expected one environment in {home}, found {len(found)}")
        return found[0]


def _call(words: Sequence[str], folder: Path, variables: Mapping[str, str]) -> None:
    """Run a program of a tool. If the program fails, raise CommandError with the last lines of the output."""
    done = subprocess.run(
        words, cwd=folder, env=dict(variables), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise CommandError(f"{' '.join(words)} ended with status {done.returncode}: {' | '.join(lines[-5:])[-1500:]}")
