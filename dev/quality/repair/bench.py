"""The `Bench` class: a real environment that can be damaged, repaired with `envparity fix --run`, and restored.

A finding is one problem or difference that envparity reports.
"""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from dev.command.command import ROOT
from dev.lockenv.command import run
from dev.quality.mutation.expectation import How
from dev.quality.mutation.journal import Journal
from dev.quality.mutation.world import World
from envparity.errors import EnvparityError
from envparity.judge.rules import Severity
from envparity.judge.session import Tracing, check_door
from envparity.project.config import Config
from envparity.snapshot.doors import Look

_PROGRAM = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from envparity.__main__ import run; run()"
_NOT_KEPT = ("UV_", "PIP_", "PYTHON", "VIRTUAL_ENV", "CONDA_")
_KEPT = ("PIP_CERT", "PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_NATIVE_TLS", "UV_SYSTEM_CERTS")

_LARGE = 1_000_000  # bytes; a repair without large distributions takes half the time


class Problem(NamedTuple):
    """The code of a finding, and one item: a path or distribution that the finding names, or its message.

    `note` is set if the finding is a note that no command fixes. `envparity fix` leaves such a note out and gives no
    reason.
    """

    code: str
    item: str
    note: bool = False


class Bench:
    """An environment in `folder`, made by uv from `lock`, and a copy from which the environment is restored."""

    def __init__(self, folder: Path, uv: Path, base: Path, lock: str) -> None:
        """Make the environment with the Python `base`. Raise CommandError if that fails."""
        self.folder = folder
        self.lock = folder / "requirements.txt"
        self.lock.write_text(lock, encoding="utf-8")
        self.environment = folder / "environment"
        kept = {name: text for name, text in os.environ.items() if not name.startswith(_NOT_KEPT) or name in _KEPT}
        # uv gets its own cache: a repair removes entries from the cache, and waits for other users of the cache.
        self.variables = kept | {
            "PATH": f"{uv.parent}{os.pathsep}{kept.get('PATH', os.defpath)}",
            "UV_CACHE_DIR": str(folder / "cache"),
        }
        run([uv, "venv", "-q", "--no-project", "--python", base, self.environment], purpose="making the environment")
        python = self.environment / "bin" / "python"
        words: list[str | Path] = [uv, "pip", "install", "-q", "--no-deps", "--compile-bytecode", "--python", python]
        run([*words, "-r", self.lock], purpose="installing", extra={"UV_CACHE_DIR": self.variables["UV_CACHE_DIR"]})
        self._copy = folder / "copy"
        shutil.copytree(self.environment, self._copy, symlinks=True)
        self.world = World("v0.4", None, folder, Config(root=folder, locks=self.lock.name), "v0.4", lean=False)

    def start(self, *words: str, before: Sequence[str] = ()) -> "subprocess.Popen[str]":
        """Start a command of envparity for the environment; `before` are words to put before the program."""
        return subprocess.Popen(
            [*before, sys.executable, "-I", "-c", _PROGRAM, *words, "--lock", str(self.lock), str(self.environment)],
            cwd=self.folder,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def envparity(self, *words: str, before: Sequence[str] = ()) -> tuple[int, str, str]:
        """Run a command of envparity, and return its exit status, standard output and standard error."""
        running = self.start(*words, before=before)
        out, err = running.communicate()
        return running.returncode, out, err

    def problems(self, how: How = How.CHECK, before: Sequence[str] = ()) -> frozenset[Problem]:
        """Return the problems of the environment that the command `how` finds.

        How.COMPARE means `check --artefacts` here, because there is no second environment to compare with. If the
        environment cannot be read, the only problem is the error message.
        """
        door = shlex.join([*before, str(self.environment / "bin" / "python")])
        look = Look(behaviour=False, bytecode=how is How.BYTECODE)
        tracing = Tracing(cache=self.folder / "wheels") if how is How.COMPARE else None
        try:
            report = check_door(self.world.config, f"mutated={door}", None, look, locked=True, tracing=tracing)
        except EnvparityError as error:
            return frozenset({Problem("unreadable", str(error))})
        return frozenset(
            Problem(one.code, item, one.severity is Severity.NOTE and not any(fix.commands for fix in one.fixes))
            for one in report.findings
            for item in (*one.paths, *one.distributions, *([] if one.paths else [one.message]))
        )

    def put_back(self) -> None:
        """Restore the environment from the copy, so that it is undamaged again."""
        for path in (self.environment, self.folder / "environment.before-fix"):
            shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(self._copy, self.environment, symlinks=True)
        for path in (self.folder / "aside", self.world.outside):
            shutil.rmtree(path)
            path.mkdir()
        self.world.journal = Journal(self.folder / "aside")


def lock_of_wheels(environment: Path, lock: str) -> str:
    """Return the text of a lock without some of its distributions.

    The result has no large distributions, no distributions that are built from an sdist, and no distributions that
    require one of these. `environment` is an environment of the whole lock. In `lock`, each distribution has one
    paragraph.
    """
    site = next((environment / "lib").glob("python3.*")) / "site-packages"
    every = {canonicalize_name(one.name): one for one in distributions(path=[str(site)])}
    lines = [line for line in lock.splitlines() if not line.startswith("#")]
    out = {canonicalize_name(line.split()[1]) for line in lines if line.startswith("--no-binary")}
    out |= {name for name, one in every.items() if sum(file.size or 0 for file in one.files or []) > _LARGE}
    while more := {name for name, one in every.items() if name not in out and _requires(one) & out}:
        out |= more
    kept: list[str] = []
    keeps = False
    for line in lines:
        if line.startswith("--"):
            continue
        if not line.startswith(" "):
            keeps = canonicalize_name(line.partition("==")[0].strip()) not in out and "==" in line
        if keeps:
            kept.append(line)
    return "\n".join(kept) + "\n"


def _requires(one: Distribution) -> set[str]:
    wanted = map(Requirement, one.requires or [])
    return {canonicalize_name(each.name) for each in wanted if "extra" not in str(each.marker)}
