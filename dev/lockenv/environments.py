"""The environments of the venv door: lockenv makes each from its locks, when it is missing or out of date."""

import fcntl
import hashlib
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from dev.lockenv.command import run
from dev.lockenv.installer import Installer, find_uv
from dev.lockenv.interpreter import Interpreter, find_interpreter
from dev.lockenv.lockfile import LockReader
from dev.lockenv.project import Project
from dev.lockenv.source import Source, read_source
from dev.lockenv.system import require_build_tools, require_program

# The key in pyvenv.cfg that says what an environment was made from. lockenv writes it last, so that it sees an
# interrupted install and makes that environment again. Python itself passes over keys that it does not know.
_STAMP = "lockenv"
# And where it was made: its scripts name the Python that is there.
_PLACE = "lockenv-place"
# The command `envparity`: the project is installed in no environment, it runs from its folder. With -I, because
# envparity reports what the caller's PYTHONPATH adds behind a door, and must not import it.
_ENVPARITY = """\
#!/bin/sh
self=$0
[ ! -L "$self" ] || self=$(readlink -f "$self")
here=${self%/*}
exec "$here/python" -I -c '
import sys
sys.path.insert(0, sys.argv.pop(1))
from envparity.__main__ import run
run()
' "@ROOT@" "$@"
"""


class EnvironmentMaker:
    """Makes the environments of one project: `EnvironmentMaker(this_project()).tools()`.

    It carries interpreter, locks and installer from one environment to the next. A command has one maker, which finds
    the interpreter once and opens each lock once. Each method returns the Python of its environment, and raises
    CommandError where that cannot be made.
    """

    def __init__(self, project: Project) -> None:
        """Find and read nothing yet."""
        self.project = project
        self.locks = LockReader(project.lock)

    @cached_property
    def interpreter(self) -> Interpreter:
        """The Python that makes the environments."""
        return find_interpreter(self.project.toolchain, self.project.settings)

    @cached_property
    def source(self) -> Source | None:
        """The library that LIBP2P_SOURCE names; None where it is not set."""
        wanted = self.project.settings.source
        return read_source(wanted) if wanted else None

    @cached_property
    def _uv(self) -> Path:
        return find_uv(self.project, self.interpreter, self.locks)

    @cached_property
    def _build_tools(self) -> dict[str, str]:
        return require_build_tools(self.project.toolchain, self.interpreter, self.project.settings)

    def installer(self, *, builds: bool) -> Installer:
        """Return the installer; where it builds from source, lockenv first looks for a compiler and gmp."""
        facts = self._build_tools if builds else {}
        return Installer(self.project, self.locks, self.interpreter, self._uv, facts)

    def track(self, track: str, source: Source | None = None) -> Path:
        """Make the environment of a track; with `source`, an environment of its own, next to the track's."""
        name = self.project.check_track(track)
        if source is not None:
            name += "-from-" + hashlib.sha256(source.requirement.encode()).hexdigest()[:8]
        library = source or self._git_library(track)
        python = self._make(name, [track], library)
        if name == self.project.default_track and self.project.home == self.project.root:
            _link_default(self.project)
        if library is not None:
            for line in self.installer(builds=False).unmet(python):
                print(f"lockenv: {library.requirement}: {line}", file=sys.stderr)  # noqa: T201 - before anything runs
        return python

    def tools(self) -> Path:
        """Make the environment that holds the linters, envparity with its libraries, and uv."""
        python = self._make("tools", ["tools"])
        command = python.with_name("envparity")
        here = self.project.home == self.project.root
        text = _ENVPARITY.replace("@ROOT@", "$here/../.." if here else str(self.project.root))
        if not command.exists() or command.read_text(encoding="utf-8") != text:
            command.write_text(text, encoding="utf-8")
            command.chmod(0o755)
        return python

    def node(self) -> Path:
        """Make the environment that holds Node.js: `node` and `npm` are next to its Python."""
        return self._make("node", ["node"])

    def test(self, track: str) -> Path:
        """Make the environment that tests of a track run in: the track's lock and the tools' lock together."""
        self.project.check_track(track)
        return self._make(f"test-{track}", [track, "tools"], self._git_library(track))

    def _git_library(self, track: str) -> Source | None:
        """Return the library of a track that is a commit: its lock holds everything else."""
        library = self.project.git_libraries.get(track)
        return Source(f"libp2p @ {library}", library) if library else None

    def _make(self, name: str, locks: list[str], source: Source | None = None) -> Path:
        folder = self.project.environment(name)
        python = folder / "bin" / "python"
        with one_at_a_time(self.project):
            stamp = self._digest(folder, locks, source)
            if _read(folder, _STAMP) != stamp or not python.exists():
                self._make_from_scratch(folder, locks, source)
                with (folder / "pyvenv.cfg").open("a", encoding="utf-8") as file:
                    file.write(f"{_PLACE} = {folder.resolve()}\n{_STAMP} = {stamp}\n")
        return python

    def _make_from_scratch(self, folder: Path, locks: list[str], source: Source | None) -> None:
        if sys.stderr.isatty():
            print(f"making {folder.name} from locks/{', locks/'.join(locks)}", file=sys.stderr)  # noqa: T201 - progress
        built = any(self.locks.read(lock).built for lock in locks)
        installer = self.installer(builds=built or source is not None)
        if folder.is_symlink():
            folder.unlink()  # the folder that it leads to belongs to somebody else
        shutil.rmtree(folder, ignore_errors=True)
        run([self.interpreter.path, "-I", "-m", "venv", "--without-pip", folder], purpose=f"making {folder}")
        python = folder / "bin" / "python"
        installer.sync(python, [self.project.lock(lock) for lock in locks])
        if source is not None:
            if source.requirement.startswith("libp2p @ git+"):
                require_program(self.project.toolchain, "git", "git")
            installer.add(python, source.requirement)

    def _digest(self, folder: Path, locks: list[str], source: Source | None) -> str:
        """Return the stamp of an environment: it changes whenever the environment would."""
        digest = hashlib.sha256()
        for lock in [*locks, "build"]:
            digest.update(self.locks.content(lock))
        toolchain = self.project.toolchain
        digest.update(
            repr(
                (
                    # The scripts of an environment name their Python. After the checkout was moved, or from within a
                    # container, they would start another Python, or none.
                    str(folder.resolve()),
                    str(self.interpreter.path),
                    self.interpreter.tag,
                    self.locks.read("tools").pins["uv"].version,
                    toolchain.bytecode,
                    sorted(toolchain.build_environment.items()),
                    source and source.fingerprint,
                )
            ).encode()
        )
        return digest.hexdigest()


def was_made(project: Project, name: str) -> bool:
    """Return whether an environment was once made to its end, at this place; it may be out of date since."""
    folder = project.environment(name)
    return _read(folder, _PLACE) == str(folder.resolve()) and (folder / "bin" / "python").exists()


def _read(folder: Path, key: str) -> str | None:
    try:
        lines = (folder / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((line.partition("=")[2].strip() for line in lines if line.startswith(f"{key} =")), None)


def _link_default(project: Project) -> None:
    """Make `.venv`, for editors, a link to the default track's environment; a folder that somebody made there stays."""
    link = project.root / ".venv"
    target = project.environment(project.default_track).name
    if link.is_symlink() and str(link.readlink()) == target:
        return
    if link.is_symlink() or not link.exists():
        link.unlink(missing_ok=True)
        link.symlink_to(target)


@contextmanager
def one_at_a_time(project: Project) -> Iterator[None]:
    """Wait until no other command makes an environment of this project."""
    project.cache.mkdir(parents=True, exist_ok=True)
    with (project.cache / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
