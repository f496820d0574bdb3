"""The `Scene` class: a small real environment in which something goes wrong, and the fix for it.

A finding is one problem or difference that envparity reports. A fix consists of the commands that envparity gives for a
finding.
"""

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal
from unittest.mock import patch

from dev.command.errors import CommandError
from dev.evidence.faults.wheels import record_row
from envparity.artefacts.cache import WheelCache
from envparity.artefacts.chain import Chain
from envparity.artefacts.wheel import read_wheel
from envparity.fix.fix import Fix
from envparity.index.clients import IndexClients
from envparity.judge.judgement import judged
from envparity.judge.report import Report, make_report
from envparity.judge.subject import Subject
from envparity.project.config import Config
from envparity.project.locks import read_lock
from envparity.snapshot.doors import Door, Look, open_doors

Installer = Literal["pip", "uv"]
_BASE = ("idna==3.6", "requests==2.31.0", "urllib3==2.2.0")


@dataclass
class Scene:
    """An environment in `folder`, made and fixed by `installer`, which finds packages only in the folder `wheels`.

    `locked` says whether the environment is compared with a lock of `requests` and its requirements. `variables` are
    environment variables of the commands and of the check. `look` says what the check looks at, and `config` has the
    project's settings. `like` is an intact scene of the same installer, whose distributions are copied; if `like` is
    None, the installer installs them. `starter` are words before the command that starts Python, for example to check
    as another user. If `traced` is set, the check compares each file with the wheels of the lock.
    """

    folder: Path
    installer: Installer
    wheels: Path
    python: str = sys.executable
    locked: bool = True
    variables: dict[str, str] = field(default_factory=dict)
    look: Look = field(default_factory=lambda: Look(behaviour=False, timeout=120))
    config: Config | None = None
    like: "Scene | None" = None
    starter: tuple[str, ...] = ()
    traced: bool = False

    def __post_init__(self) -> None:
        """Make the environment, with `requests` and its requirements. Raises CommandError if that fails."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.run([f"{shlex.quote(self.python)} -I -m venv --without-pip {shlex.quote(str(self.environment))}"])
        if self.like is None:
            self.install(*_BASE)
        else:  # the same files, without another run of the installer
            shutil.copytree(self.like.site, self.site, dirs_exist_ok=True)
        self.lock.write_text("".join(f"{one}\n" for one in _BASE), encoding="utf-8")

    @property
    def environment(self) -> Path:
        """Return the folder of the environment."""
        return self.folder / ".venv"

    @property
    def lock(self) -> Path:
        """Return the path of the lock."""
        return self.folder / "requirements.txt"

    @cached_property
    def site(self) -> Path:
        """Return the site folder of the environment: the path of site-packages."""
        return next((self.environment / "lib").glob("*")) / "site-packages"

    def install(self, *words: str, by: Installer | None = None) -> None:
        """Install requirements or wheel files, but nothing that they require; `by` replaces the scene's installer.

        Raises CommandError if that fails.
        """
        python = shlex.quote(str(self.environment / "bin" / "python"))
        uses_uv = (by or self.installer) == "uv"
        tool = f"uv pip install -q --python {python}" if uses_uv else f"pip -q --python {python} install"
        self.run([f"{tool} --no-deps {' '.join(map(shlex.quote, words))}"])

    def uninstall(self, name: str) -> None:
        """Uninstall a distribution. Raises CommandError if that fails."""
        python = shlex.quote(str(self.environment / "bin" / "python"))
        tool = (
            f"uv pip uninstall -q --python {python}"
            if self.installer == "uv"
            else f"pip -q --python {python} uninstall -y"
        )
        self.run([f"{tool} {name}"])

    def run(self, commands: Iterable[str], then: str = ":") -> str:
        """Run commands in one shell, in the folder of the scene, and return what they print.

        `then` is one more command for the same shell. Raises CommandError if a command fails.
        """
        script = "set -e\n" + "\n".join([*commands, then])
        done = subprocess.run(
            ["sh", "-c", script], cwd=self.folder, env=self.environ, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise CommandError(f"expected {script!r} to succeed, found: {done.stderr.strip()[-600:] or done.stdout}")
        return done.stdout

    @property
    def environ(self) -> dict[str, str]:
        """Return the environment variables of the commands: installers find packages only in the folder `wheels`."""
        return {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "PIP_NO_INDEX": "1",
            "UV_CACHE_DIR": str(self.folder / "uv-cache"),
            "UV_FIND_LINKS": str(self.wheels),
            "UV_NO_CONFIG": "1",
            "UV_NO_INDEX": "1",
            "UV_OFFLINE": "1",
            **self.variables,
        }

    def check(self) -> Report:
        """Check the environment, as `envparity check` does, and return the report.

        Raises EnvparityError if the environment cannot be read.
        """
        return check_scenes([self])

    def fix(self, fixes: Iterable[Fix]) -> None:
        """Run the commands of fixes. Raises CommandError if one of them fails.

        If a command unsets an environment variable, remove the variable from `variables` too.
        """
        for fix in fixes:
            said = self.run(fix.commands, "env")
            self.variables = {name: value for name, value in self.variables.items() if f"\n{name}=" in f"\n{said}"}

    def write(self, path: str, text: str) -> None:
        """Write a new file into the site folder, or replace a file there; hard links to the old file keep its text."""
        target = self.site / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        target.write_text(text, encoding="utf-8")

    def edit(self, path: str, change: Callable[[str], str]) -> None:
        """Replace a file of the site folder by a file with the changed text."""
        self.write(path, change((self.site / path).read_text(encoding="utf-8")))

    def record(self, info: str, *rows: str) -> None:
        """Add rows to the RECORD in the metadata folder `info`; a new row replaces an old row of the same path."""
        paths = {row.partition(",")[0] for row in rows}

        def change(text: str) -> str:
            kept = [line for line in text.splitlines() if line.partition(",")[0] not in paths]
            return "\n".join([*kept, *rows]) + "\n"

        self.edit(f"{info}/RECORD", change)

    def unrecord(self, info: str, word: str) -> None:
        """Remove the rows that contain `word` from the RECORD in the metadata folder `info`."""
        kept = [line for line in (self.site / info / "RECORD").read_text().splitlines() if word not in line]
        self.write(f"{info}/RECORD", "\n".join(kept) + "\n")

    def note(self, info: str, name: str, text: str) -> None:
        """Write the file `name` into the metadata folder `info`, and list it in RECORD, as an installer does."""
        self.write(f"{info}/{name}", text)
        self.record(info, record_row(f"{info}/{name}", text.encode()))

    def lock_hashes(self) -> None:
        """Write the scene's lock again, with the hash of the wheel of each distribution."""
        lines = []
        for pin in _BASE:
            wheel = f"{pin.replace('==', '-')}-py3-none-any.whl"
            lines.append(f"{pin} --hash=sha256:{self.hash_of(wheel)}\n")
        self.lock.write_text("".join(lines), encoding="utf-8")

    def trace(self) -> None:
        """Write hashes into the lock; from now on, compare each file with the lock's wheels, as `--artefacts` does."""
        self.traced = True
        self.lock_hashes()

    def hash_of(self, wheel: str) -> str:
        """Return the SHA-256 of a wheel in the folder `wheels`, in hex."""
        return hashlib.sha256((self.wheels / wheel).read_bytes()).hexdigest()


def check_scenes(scenes: list[Scene]) -> Report:
    """Check the environment of one scene, or compare the environments of several scenes, and return the report.

    Raises EnvparityError if an environment cannot be read.
    """
    first = scenes[0]
    config = first.config or Config(root=first.folder)
    lock = read_lock(first.lock) if first.locked else None
    doors = [
        Door(
            scene.folder.name,
            (
                *scene.starter,
                "env",
                *(f"{name}={value}" for name, value in scene.variables.items()),
                str(scene.environment / "bin" / "python"),
            ),
        )
        for scene in scenes
    ]
    opened = open_doors(doors, config, None, first.look)
    subjects = [Subject(one.name, one.snapshot, config, None, lock) for one in opened]
    if first.traced:
        subjects = [_traced(subject, first) for subject in subjects]
    return make_report("compare" if len(scenes) > 1 else "check", None, subjects, judged(subjects))


def _traced(subject: Subject, scene: Scene) -> Subject:
    """Return `subject` with the wheels that its lock names. envparity then compares the files with these wheels."""
    cache = WheelCache(scene.folder / "artefacts")
    for wheel in scene.wheels.glob("*.whl"):
        cache.keep(f"sha256:{scene.hash_of(wheel.name)}", read_wheel(wheel))
    with IndexClients() as clients, patch.dict(os.environ, scene.environ):
        return replace(subject, artefacts=Chain(cache, clients, None).artefacts(subject.snapshot, subject.pins))
