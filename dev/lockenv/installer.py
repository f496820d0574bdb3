"""uv of the tools' lock: the one installer of every door."""

import hashlib
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from dev.command.errors import CommandError
from dev.lockenv.command import run
from dev.lockenv.interpreter import Interpreter
from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project
from dev.lockenv.system import require_pip

# What a person may have set to reach their compiler or headers: allowed, and part of what a wheel is.
_BUILD_VARIABLES = ("CC", "CPATH", "CPPFLAGS", "LDFLAGS", "LIBRARY_PATH")


@dataclass(frozen=True)
class Installer:
    """uv, and what it is told whenever it installs."""

    project: Project
    interpreter: Interpreter
    uv: Path
    settings: tuple[str, ...]
    """`-C` settings: they stand in each built distribution's uv_build.json, and they part uv's cache, so
    that a wheel built with other flags, compiler or interpreter is never taken for this one."""

    def sync(self, python: Path, locks: list[Path]) -> None:
        """Make the environment of `python` hold what the locks hold, checked by hash, and nothing else."""
        self._pip(
            ["sync", "--require-hashes", *self._common(python), *locks],
            f"installing {', '.join(lock.name for lock in locks)}",
        )

    def add(self, python: Path, requirement: str) -> None:
        """Install one library without its requirements; its build reaches the locked build requirements alone."""
        wheels = self._build_wheels()
        self._pip(
            ["install", "--no-deps", "--no-index", "--find-links", wheels, *self._common(python), requirement],
            f"installing {requirement} with nothing but locks/build.txt to build it",
        )

    def unmet(self, python: Path) -> list[str]:
        """What the installed distributions require and the environment does not hold, one line each."""
        try:
            self._pip(["check", "--python", python], "check")
        except CommandError as error:
            return [line.strip() for line in str(error).split(" | ") if "requires" in line]
        return []

    def _common(self, python: Path) -> list[str | Path]:
        return [
            "--python",
            python,
            "--build-constraints",
            self.project.lock("build"),
            "--link-mode=copy",  # a file altered in one environment must not reach another through the cache
            "--compile-bytecode",
            *self.settings,
        ]

    def _pip(self, arguments: list[str | Path], purpose: str) -> str:
        toolchain = self.project.toolchain
        extra = {"PYC_INVALIDATION_MODE": toolchain.bytecode.upper().replace("-", "_"), **toolchain.build_environment}
        with TemporaryDirectory() as elsewhere:  # away from pyproject.toml: its overrides are for the locks alone
            return run(
                [self.uv, "pip", *arguments],
                purpose=purpose,
                extra=extra,
                cwd=Path(elsewhere),
                show=sys.stderr.isatty() and arguments[0] != "check",
            )

    def _build_wheels(self) -> Path:
        folder = self.project.cache / "build-wheels"
        lock = self.project.lock("build")
        stamp = folder / lock.name
        if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
            shutil.rmtree(folder, ignore_errors=True)
            pip = bootstrap(self.project, self.interpreter).parent / "pip"
            run(
                [
                    pip,
                    "download",
                    "-q",
                    "--require-hashes",
                    "--no-deps",
                    "--only-binary=:all:",
                    "-d",
                    folder,
                    "-r",
                    lock,
                ],
                purpose="downloading the locked build requirements",
            )
            shutil.copy(lock, stamp)
        return folder


def bootstrap(project: Project, interpreter: Interpreter) -> Path:
    """uv in a folder of its own, installed by that folder's pip from the tools' lock, checked by hash."""
    pin = read_lock(project.lock("tools")).pins["uv"]
    folder = project.cache / f"uv-{pin.version}"
    uv = folder / "bin" / "uv"
    if not uv.exists():
        require_pip(project.toolchain, interpreter)
        shutil.rmtree(folder, ignore_errors=True)
        run([interpreter.path, "-I", "-m", "venv", folder], purpose=f"making {folder}")
        with TemporaryDirectory() as temporary:
            wanted = Path(temporary) / "uv.txt"
            wanted.write_text(pin.text + "\n", encoding="utf-8")
            pip: list[str | Path] = [folder / "bin" / "pip", "install", "-q", "--no-deps", "--only-binary=:all:"]
            run([*pip, "--require-hashes", "-r", wanted], purpose=f"installing uv {pin.version} of locks/tools.txt")
    return uv


def find_installer(project: Project, interpreter: Interpreter, facts: dict[str, str]) -> Installer:
    """The locked uv: the one on PATH if it is that very version, else `bootstrap`.

    A door whose system cannot run the lock's uv, as NixOS, names its own in LOCKENV_UV.

    `facts` are what a build depends on beside the flags (compiler, gmp); empty where nothing is built.
    """
    version = read_lock(project.lock("tools")).pins["uv"].version
    uv = os.environ.get("LOCKENV_UV")
    if not uv:
        found = shutil.which("uv")
        uv = found if found and _version_of(found) == version else str(bootstrap(project, interpreter))
    settings = _build_facts(project, interpreter) | facts if facts else {}
    return Installer(
        project,
        interpreter,
        Path(uv),
        tuple(word for name, value in settings.items() for word in ("--config-setting", f"{name}={value}")),
    )


def _version_of(uv: str) -> str:
    return run([uv, "--version"], purpose="asking uv for its version").split()[1]


def _build_facts(project: Project, interpreter: Interpreter) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in _BUILD_VARIABLES if name in os.environ}
    lock = hashlib.sha256(project.lock("build").read_bytes()).hexdigest()[:16]
    return {"python": interpreter.tag, "build-lock": lock, **inherited, **project.toolchain.build_environment}
