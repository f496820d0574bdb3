"""Makes the environment of a stack, from a lock with hashes, which uv resolves for the stack.

A stack is an environment that people really have, for example jupyterlab installed by uv.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError
from dev.lockenv.command import run
from dev.quality.stacks.conda import as_conda
from dev.quality.stacks.stack import WHOLE, Maker, Stack

_PROJECT = """\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "stack-project"
version = "1.0"
dependencies = {dependencies}
[tool.setuptools]
packages = ["stack_project"]
"""


@dataclass(frozen=True)
class Made:
    """The environment of a stack: the path of its Python, and the path of the lock that it was made from."""

    python: Path
    lock: Path


def find_python(uv: Path, version: str, maker: Maker = Maker.PIP) -> Path | None:
    """Return the path of a Python of this version that the maker can use, or None if this machine has none.

    `version` has two numbers, for example 3.11.
    """
    if maker in WHOLE:
        listed = run([uv, "python", "list", "--only-installed", "--offline", version], purpose=f"looking for {version}")
        found = [Path(line.split()[1]).resolve() for line in listed.splitlines()]
        own = [path for path in found if _has_own_folder(path)]
        return own[0] if own else None
    try:
        path = run([uv, "python", "find", "--no-project", "--offline", version], purpose=f"looking for {version}")
    except CommandError:
        return None
    return Path(path.strip())


def _has_own_folder(python: Path) -> bool:
    """Return whether the installation of a Python is in its own folder, which can be copied.

    The folders /usr and /usr/local do not count, because they have the programs of the whole system.
    """
    folder = python.parent.parent
    return str(folder) not in ("/usr", "/usr/local") and any((folder / "lib").glob("python3*/os.py"))


def make_stack(stack: Stack, uv: Path, base: Path, folder: Path) -> Made:
    """Make the environment of a stack in the empty `folder`, with `base` as its Python.

    Raises CommandError if the requirements of the stack cannot be resolved or installed.
    """
    lock = folder / "requirements.txt"
    wanted = folder / "requirements.in"
    wanted.write_text("\n".join(stack.install) + "\n", encoding="utf-8")
    quiet: list[str | Path] = [uv, "pip", "compile", "-q", "--generate-hashes", "--no-header", "--python", base]
    run([*quiet, "-o", lock, wanted], purpose=f"{stack.name}: resolving", cwd=folder)
    return Made(_MAKERS[stack.by](_Bench(stack, uv, base, folder, lock)), lock)


@dataclass(frozen=True)
class _Bench:
    """The things that a maker needs: the stack, uv, the base Python, the folder to work in, and the lock."""

    stack: Stack
    uv: Path
    base: Path
    folder: Path
    lock: Path

    @property
    def environment(self) -> Path:
        return self.folder / "environment"

    @property
    def python(self) -> Path:
        return self.environment / "bin" / "python"

    def run(self, *words: str | Path, extra: Mapping[str, str] | None = None) -> None:
        run(words, purpose=f"{self.stack.name}: {Path(words[0]).name}", cwd=self.folder, extra=extra)

    def pip(self, *options: str | Path) -> None:
        """Install the distributions of the lock with the pip of the environment."""
        install: list[str | Path] = [
            self.python,
            "-m",
            "pip",
            "install",
            "-q",
            "--no-input",
            "--root-user-action=ignore",
        ]
        self.run(*install, "--require-hashes", *options, "-r", self.lock)

    def uv_pip(self, mode: str) -> None:
        """Install the distributions of the lock with uv; `mode` is the value of uv's option `--link-mode`."""
        install: list[str | Path] = [self.uv, "pip", "install", "-q", "--require-hashes", "--link-mode", mode]
        self.run(*install, "--python", self.python, "-r", self.lock)

    def venv(self, *options: str) -> None:
        """Make the environment with the standard library's venv."""
        self.run(self.base, "-m", "venv", *options, self.environment)

    def uv_venv(self, *options: str) -> None:
        """Make the environment with uv."""
        self.run(self.uv, "venv", "-q", "--no-project", *options, "--python", self.base, self.environment)


def _pip(bench: _Bench) -> Path:
    bench.venv()
    bench.pip()
    return bench.python


def _system(bench: _Bench) -> Path:
    bench.venv("--system-site-packages")
    bench.pip()
    return bench.python


def _with_uv(mode: str, *options: str) -> Callable[[_Bench], Path]:
    def make(bench: _Bench) -> Path:
        bench.uv_venv(*options)
        bench.uv_pip(mode)
        return bench.python

    return make


def _virtualenv(bench: _Bench) -> Path:
    bench.run(bench.uv, "tool", "run", "-q", "virtualenv", "-q", "--python", bench.base, bench.environment)
    bench.pip()
    return bench.python


def _installer(bench: _Bench) -> Path:
    """Install each wheel with the library `installer`, as poetry and pdm do; return the environment's Python."""
    tools, wheels = bench.folder / "tools", bench.folder / "wheels"
    bench.run(bench.base, "-m", "venv", tools)
    bench.run(tools / "bin" / "pip", "install", "-q", "installer")
    download: list[str | Path] = [
        tools / "bin" / "pip",
        "download",
        "-q",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--require-hashes",
    ]
    bench.run(*download, "-d", wheels, "-r", bench.lock)
    bench.uv_venv()
    site = next((tools / "lib").glob("python3*")) / "site-packages"
    bench.run(
        bench.python, "-m", "installer", "--compile-bytecode", "0", *sorted(wheels.iterdir()),
        extra={"PYTHONPATH": str(site)},
    )  # fmt: skip
    return bench.python


def _prefix(bench: _Bench) -> Path:
    source = bench.base.parent.parent
    shutil.copytree(source, bench.environment, symlinks=True, ignore=shutil.ignore_patterns("test", "site-packages"))
    python = bench.environment / "bin" / f"python{bench.stack.python}"
    link = bench.python
    if not link.exists():
        link.symlink_to(python.name)
    bench.run(link, "-m", "ensurepip", "--default-pip")
    bench.pip()
    return link


def _conda(bench: _Bench) -> Path:
    python = _prefix(bench)
    as_conda(python)
    return python


def _editable(bench: _Bench) -> Path:
    project = bench.folder / "project"
    (project / "stack_project").mkdir(parents=True)
    (project / "stack_project" / "__init__.py").write_text("", encoding="utf-8")
    text = _PROJECT.format(dependencies=list(bench.stack.install))
    (project / "pyproject.toml").write_text(text, encoding="utf-8")
    bench.venv()
    bench.pip()
    bench.run(bench.python, "-m", "pip", "install", "-q", "--no-deps", "-e", project)
    with bench.lock.open("a", encoding="utf-8") as lock:
        lock.write(f"-e {project}\n")
    return bench.python


_MAKERS: Mapping[Maker, Callable[[_Bench], Path]] = {
    Maker.PIP: _pip,
    Maker.UV: _with_uv("hardlink"),
    Maker.UV_SYMLINK: _with_uv("symlink"),
    Maker.UV_COPY: _with_uv("copy", "--relocatable"),
    Maker.VIRTUALENV: _virtualenv,
    Maker.INSTALLER: _installer,
    Maker.SYSTEM: _system,
    Maker.PREFIX: _prefix,
    Maker.CONDA: _conda,
    Maker.EDITABLE: _editable,
}
