"""Install distributions with the version of uv that locks/tools.txt pins."""

import hashlib
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from dev.command.errors import CommandError
from dev.lockenv.command import ProgramFailedError, run
from dev.lockenv.interpreter import Interpreter
from dev.lockenv.lockfile import LockReader
from dev.lockenv.project import Project
from dev.lockenv.system import require_pip


@dataclass(frozen=True)
class Installer:
    """uv, with the options and settings of every install in this project."""

    project: Project
    locks: LockReader
    interpreter: Interpreter
    uv: Path
    facts: Mapping[str, str]
    """A dict of the versions of `compiler` and `gmp`, which a build depends on. Empty if uv builds nothing."""

    def sync(self, python: Path, locks: list[Path]) -> None:
        """Install exactly the distributions of these locks into the environment of `python`, and remove all others.

        uv checks every file against the hash in the lock. Raises CommandError if uv fails.
        """
        self._pip(
            ["sync", "--require-hashes", *self._common(python), *locks],
            f"installing {', '.join(lock.name for lock in locks)}",
        )

    def add(self, python: Path, requirement: str) -> None:
        """Install one distribution without its requirements. Its build can use only distributions of locks/build.txt.

        Raises CommandError if uv fails, for example because locks/build.txt lacks a build requirement.
        """
        wheels = self._build_wheels()
        with TemporaryDirectory() as temporary:
            # setuptools builds a checkout in its folder `build`. It also installs files that earlier builds left there,
            # for example a deleted module. This further configuration file gives the build an empty folder instead.
            further = Path(temporary, "build.cfg")
            further.write_text(f"[build]\nbuild_base = {temporary}/build\n", encoding="utf-8")
            is_folder = " @ file:" in requirement
            self._pip(
                ["install", "--no-deps", "--no-index", "--find-links", wheels, *self._common(python), requirement],
                f"installing {requirement} with only locks/build.txt to build it",
                {"DIST_EXTRA_CONFIG": str(further)} if is_folder else {},
            )

    def unmet(self, python: Path) -> list[str]:
        """Return one line for each requirement of an installed distribution that the environment does not satisfy.

        Raises CommandError if uv fails for another reason.
        """
        try:
            self._pip(["check", "--python", python], "check")
        except ProgramFailedError as error:
            lines = [line.strip() for line in error.printed.splitlines() if "requires" in line]
            if not lines:
                raise
            return lines
        return []

    def _common(self, python: Path) -> list[str | Path]:
        return [
            "--python",
            python,
            "--build-constraints",
            self.project.lock("build"),
            "--link-mode=copy",  # with links, a change in one environment would reach others through the cache
            "--compile-bytecode",
            *(f"--config-setting={name}={value}" for name, value in self.build_settings().items()),
        ]

    def build_settings(self) -> dict[str, str]:
        """Return everything that a built wheel depends on, as settings of the build; empty if uv builds nothing.

        uv records these settings in `uv_build.json` of every wheel it builds, and keeps a separate cache entry for each
        combination. So uv never installs a wheel from its cache that was built with another compiler, other flags or
        another interpreter.
        """
        if not self.facts:
            return {}
        return {
            "python": self.interpreter.tag,
            "build-lock": hashlib.sha256(self.locks.content("build")).hexdigest()[:16],
            **self.project.settings.build,
            **self.project.toolchain.build_environment,
            **self.facts,
        }

    def _pip(self, arguments: list[str | Path], purpose: str, further: Mapping[str, str] | None = None) -> str:
        toolchain = self.project.toolchain
        mode = {"PYC_INVALIDATION_MODE": toolchain.bytecode.upper().replace("-", "_")}
        extra = {**mode, **toolchain.build_environment, **(further or {})}
        with TemporaryDirectory() as elsewhere:  # the settings of uv in pyproject.toml are only for making locks
            return run(
                [self.uv, "pip", *arguments],
                purpose=purpose,
                extra=extra,
                cwd=Path(elsewhere),
                show=sys.stderr.isatty() and arguments[0] != "check",
            )

    def _build_wheels(self) -> Path:
        series = ".".join(self.interpreter.version.split(".")[:2])
        folder = self.project.cache / f"build-wheels-{series}"  # some wheels work only with one version of Python
        lock = self.project.lock("build")
        stamp = folder / lock.name
        if not stamp.exists() or stamp.read_bytes() != self.locks.content("build"):
            shutil.rmtree(folder, ignore_errors=True)
            pip = bootstrap(self.project, self.interpreter, self.locks).parent / "pip"
            options = ["-q", "--require-hashes", "--no-deps", "--only-binary=:all:"]
            run(
                [pip, "--python", self.interpreter.path, "download", *options, "-d", folder, "-r", lock],
                purpose="downloading the locked build requirements",
            )
            stamp.write_bytes(self.locks.content("build"))
        return folder


def bootstrap(project: Project, interpreter: Interpreter, locks: LockReader | None = None) -> Path:
    """Return the path of the locked uv in the project's cache folder; if it is missing, first install it there.

    The install makes a virtual environment, whose pip checks uv against the hash in locks/tools.txt. Raises
    CommandError if the install fails.
    """
    pin = (locks or LockReader(project.lock)).read("tools").pins["uv"]
    folder = project.cache / f"uv-{pin.version}"
    uv = folder / "bin" / "uv"
    # Image builds on bases with different Pythons share this folder. So the Python in it may be a broken link.
    if not uv.exists() or not (folder / "bin" / "python").exists():
        require_pip(project.toolchain, interpreter)
        shutil.rmtree(folder, ignore_errors=True)
        run([interpreter.path, "-I", "-m", "venv", folder], purpose=f"making {folder}")
        with TemporaryDirectory() as temporary:
            wanted = Path(temporary) / "uv.txt"
            wanted.write_text(pin.text + "\n", encoding="utf-8")
            options: list[str | Path] = ["-q", "--no-deps", "--only-binary=:all:", "--require-hashes"]
            purpose = f"installing uv {pin.version} of locks/tools.txt"
            pip: str | Path = folder / "bin" / "pip"
            run([pip, "download", *options, "-d", temporary, "-r", wanted], purpose=purpose)
            # The download reads the person's configuration of pip, which names the package index. The installation
            # ignores this configuration, because it may name another folder to install into.
            local: list[str | Path] = ["--no-index", "--find-links", temporary, "-r", wanted]
            run([pip, "install", *options, *local], purpose=purpose, extra={"PIP_CONFIG_FILE": os.devnull})
    return uv


def find_uv(project: Project, interpreter: Interpreter, locks: LockReader) -> Path:
    """Return the path of uv: the uv on PATH if it has the locked version, else the uv that `bootstrap` installs.

    Some systems, for example NixOS, cannot run the locked uv. On such a system, LOCKENV_UV names another uv, and the
    result is that uv. Raises CommandError if the uv on PATH does not start, or if an install fails.
    """
    if project.settings.uv:
        return Path(project.settings.uv)
    found = shutil.which("uv")
    if found:
        version = run([found, "--version"], purpose="asking uv for its version").split()[1]
        if version == locks.read("tools").pins["uv"].version:
            return Path(found)
    return bootstrap(project, interpreter, locks)


def python_of_uv(uv: Path, series: str) -> Path:
    """Return the path of uv's own Python of a series, for example `3.13`; if it is missing, uv downloads it.

    Raises CommandError if uv cannot download it, for example because the variable UV_PYTHON_DOWNLOADS forbids it.
    """
    find: list[str | Path] = [uv, "python", "find", "--managed-python", "--no-project", series]
    try:
        return Path(run(find, purpose=f"looking for uv's Python {series}").strip())
    except CommandError:
        run([uv, "python", "install", "--no-bin", series], purpose=f"downloading Python {series}")
    return Path(run(find, purpose=f"looking for uv's Python {series}").strip())
