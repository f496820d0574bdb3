"""Make environments from their locks, if the environments are missing or out of date.

A track is one pinned version of libp2p on one Python, such as v0.4, with its own environment. Tracks may share a lock.
"""

import fcntl
import hashlib
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

from dev.command.errors import CommandError
from dev.command.progress import long_work
from dev.lockenv.command import run
from dev.lockenv.debian_python import read_unpacked
from dev.lockenv.fresh import check_fresh
from dev.lockenv.installer import Installer, find_uv, python_of_uv
from dev.lockenv.interpreter import Interpreter, describe, find_interpreter
from dev.lockenv.lockfile import LockReader
from dev.lockenv.places import writes_to
from dev.lockenv.project import Project
from dev.lockenv.source import Source, read_source
from dev.lockenv.system import require_build_tools, require_program
from dev.lockenv.toolchain import Toolchain

# The key in pyvenv.cfg whose value is a digest of everything that the environment was made from. lockenv writes the key
# last. If an install is interrupted, the key is missing, and lockenv makes the environment again. Python itself ignores
# keys that it does not know.
_STAMP = "lockenv"
# The key in pyvenv.cfg with the folder in which lockenv made the environment. The environment's scripts contain the
# path of the Python in that folder. So the environment does not work after a move.
_PLACE = "lockenv-place"
# The command `envparity` of the tools environment. envparity itself is not installed in that environment: this script
# runs envparity from the project's folder. With the option -I, Python ignores the caller's PYTHONPATH: envparity must
# report the modules of PYTHONPATH, and not import them.
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
    """The maker of one project's environments. `EnvironmentMaker(this_project()).tools()` makes the tools environment.

    Use one maker for all environments of a command: the maker finds each Python once and opens each lock once. Each
    method that makes an environment returns the path of the environment's Python, and raises CommandError if the
    environment cannot be made.
    """

    def __init__(self, project: Project) -> None:
        """Remember the project. The maker looks for a Python and reads locks only when it needs them."""
        self.project = project
        self.locks = LockReader(project.lock)
        self._interpreters: dict[str, Interpreter] = {}
        self._facts: dict[str, dict[str, str]] = {}

    @cached_property
    def interpreter(self) -> Interpreter:
        """Return the Python of the tools: the default track's Python, or if it is missing, another track's Python.

        Raises CommandError if lockenv can get the Python of no track.
        """
        default = self.project.default_track
        try:
            return self.interpreter_of(default)
        except CommandError:
            for track in self.project.tracks:
                with suppress(CommandError):
                    return self.interpreter_of(track)
            raise

    def interpreter_of(self, track: str) -> Interpreter:
        """Return the Python that makes the environments of a track; if this machine has no such Python, get it.

        Raises CommandError if lockenv cannot get the Python.
        """
        toolchain = self.project.toolchain_of(track)
        series = toolchain.python_series
        if series not in self._interpreters:
            try:
                self._interpreters[series] = find_interpreter(toolchain, self.project.settings)
            except CommandError as error:
                self._interpreters[series] = self._another(series, error)
        return self._interpreters[series]

    def _another(self, series: str, missing: CommandError) -> Interpreter:
        """Return a Python of `series` that lockenv itself gets, because this machine has no Python of this series.

        Try three Pythons in this order: a later Debian's Python that is unpacked already, a Python that uv has or can
        download, and a later Debian's Python that must be unpacked. Raises CommandError if all three are missing.
        Raises `missing` if LOCKENV_PYTHON is set. Also raises `missing` if `series` is the Python of the default track:
        no command of scripts/ runs without this Python.
        """
        path = self.project.root / "locks" / "toolchain.toml"
        if self.project.settings.python or series == self.project.toolchain.python_series:
            raise missing
        debian, folder = read_unpacked(path, series), self.project.cache / f"python-{series}"
        if debian is not None and (found := debian.find(folder)) is not None:
            return describe(found)
        try:
            return describe(python_of_uv(self._uv, series))
        except CommandError:
            if debian is None:
                raise missing from None
        try:
            with long_work(f"lockenv: unpacking Python {series}"):
                return describe(debian.make(folder))
        except CommandError as error:
            raise CommandError(f"{missing}; Debian's Python {series}: {error}") from error

    @cached_property
    def source(self) -> Source | None:
        """Return the libp2p that the variable LIBP2P_SOURCE names; None if the variable is not set.

        Raises CommandError if the variable names neither a commit nor a checkout.
        """
        wanted = self.project.settings.source
        return read_source(wanted) if wanted else None

    @cached_property
    def _uv(self) -> Path:
        return find_uv(self.project, self.interpreter, self.locks)

    def _build_tools(self, toolchain: Toolchain, interpreter: Interpreter) -> dict[str, str]:
        if interpreter.tag not in self._facts:
            self._facts[interpreter.tag] = require_build_tools(toolchain, interpreter, self.project.settings)
        return self._facts[interpreter.tag]

    def installer(self, track: str | None = None, *, builds: bool) -> Installer:
        """Return the installer for the Python of `track`, or, if `track` is None, for the Python of the tools.

        `builds` says whether the installer will build distributions from source. If it will, this method first makes
        sure that the machine has a C compiler, and the headers of Python and gmp. Raises CommandError if one of them
        is missing and cannot be installed.
        """
        interpreter = self.interpreter_of(track) if track else self.interpreter
        toolchain = self.project.toolchain_of(track or self.project.default_track)
        facts = self._build_tools(toolchain, interpreter) if builds else {}
        return Installer(self.project, self.locks, interpreter, self._uv, facts)

    def track(self, track: str, source: Source | None = None) -> Path:
        """Make the environment of a track. With `source`, make a separate environment that has the libp2p `source`.

        If libp2p comes from `source` or from a commit, print a line on standard error for each requirement that is
        not satisfied. If pyproject.toml takes libp2p from a folder, print nothing, because such a project checks the
        requirements itself.
        """
        name = self.project.check_track(track)
        if source is not None:
            name += "-from-" + hashlib.sha256(source.requirement.encode()).hexdigest()[:8]
        library = source or self._git_library(track)
        python = self._make(name, [track], track, library)
        if name == self.project.default_track and self.project.home == self.project.root:
            _link_default(self.project)
        if library is not None and self.project.library_folder is None:
            for line in self.installer(track, builds=False).unmet(python):
                print(f"lockenv: {library.requirement}: {line}", file=sys.stderr)  # noqa: T201 - this is a warning
        return python

    def tools(self, *, stale: bool = False) -> Path:
        """Make the environment of the lock `tools`: linters and uv. If the project has envparity, add its command.

        With `stale`, a lock that is out of date is no error, because the command that updates the locks needs this
        environment.
        """
        python = self._make("tools", ["tools"], stale=stale)
        if not (self.project.root / "envparity").is_dir():
            return python
        command = python.with_name("envparity")
        here = self.project.home == self.project.root
        text = _ENVPARITY.replace("@ROOT@", "$here/../.." if here else str(self.project.root))
        if not command.exists() or command.read_text(encoding="utf-8") != text:
            command.write_text(text, encoding="utf-8")
            command.chmod(0o755)
        return python

    def node(self) -> Path:
        """Make the environment that holds Node.js. The programs `node` and `npm` are next to its Python."""
        return self._make("node", ["node"])

    def site(self) -> Path:
        """Make the environment that holds the generator of the documentation site."""
        return self._make("site", ["site"])

    def test(self, track: str) -> Path:
        """Make the environment for the tests of a track, which holds the track's lock and the tools' lock together."""
        self.project.check_track(track)
        return self._make(f"test-{track}", [track, "tools"], track, self._git_library(track))

    def _git_library(self, track: str) -> Source | None:
        """Return the libp2p of a track that uses a commit of libp2p; None for other tracks."""
        library = self.project.git_libraries.get(track)
        return Source(f"libp2p @ {library}", library) if library else None

    def _make(
        self,
        name: str,
        locks: list[str],
        track: str | None = None,
        source: Source | None = None,
        *,
        stale: bool = False,
    ) -> Path:
        folder = self.project.environment(name)
        python = folder / "bin" / "python"
        for lock in () if stale else locks:
            check_fresh(self.project.root, self.project.lock(lock).stem, self.locks.content(lock))
        interpreter = self.interpreter_of(track) if track else self.interpreter
        with writes_to(self.project), one_at_a_time(self.project):
            stamp = self._digest(folder, locks, interpreter, source)
            if _read(folder, _STAMP) != stamp or not python.exists():
                with long_work(f"lockenv: making {folder.name}"):
                    self._make_from_scratch(folder, locks, track, source)
                with (folder / "pyvenv.cfg").open("a", encoding="utf-8") as file:
                    file.write(f"{_PLACE} = {folder.resolve()}\n{_STAMP} = {stamp}\n")
        return python

    def _make_from_scratch(self, folder: Path, locks: list[str], track: str | None, source: Source | None) -> None:
        if sys.stderr.isatty():
            print(f"making {folder.name} from locks/{', locks/'.join(locks)}", file=sys.stderr)  # noqa: T201 - shows progress
        built = any(self.locks.read(lock).built for lock in locks)
        installer = self.installer(track, builds=built or source is not None)
        if folder.is_symlink():
            folder.unlink()  # remove only the link, because somebody else owns the folder to which it leads
        shutil.rmtree(folder, ignore_errors=True)
        run([installer.interpreter.path, "-I", "-m", "venv", "--without-pip", folder], purpose=f"making {folder}")
        python = folder / "bin" / "python"
        installer.sync(python, [self.project.lock(lock) for lock in locks])
        if source is not None:
            if source.requirement.startswith("libp2p @ git+"):
                require_program(self.project.toolchain, "git", "git")
            installer.add(python, source.requirement)

    def _digest(self, folder: Path, locks: list[str], interpreter: Interpreter, source: Source | None) -> str:
        """Return the stamp of an environment. If the stamp changes, lockenv makes the environment again.

        The stamp is a digest of the locks, the environment's path, the Python, the version of uv, `source`, and two
        fields of `Toolchain`: `bytecode` and `build_environment`. It does not contain the compiler.
        """
        digest = hashlib.sha256()
        for lock in [*locks, "build"]:
            digest.update(self.locks.content(lock))
        toolchain = self.project.toolchain
        digest.update(
            repr(
                (
                    # The scripts of an environment contain the path of their Python. If the checkout moves, or a
                    # container mounts it at another path, the scripts start another Python or fail.
                    str(folder.resolve()),
                    str(interpreter.path),
                    interpreter.tag,
                    self.locks.read("tools").pins["uv"].version,
                    toolchain.bytecode,
                    sorted(toolchain.build_environment.items()),
                    source and source.fingerprint,
                )
            ).encode()
        )
        return digest.hexdigest()


def was_made(project: Project, name: str) -> bool:
    """Return whether lockenv has completely made the environment `name`, which may be out of date by now."""
    folder = project.environment(name)
    return _read(folder, _PLACE) == str(folder.resolve()) and (folder / "bin" / "python").exists()


def _read(folder: Path, key: str) -> str | None:
    try:
        lines = (folder / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((line.partition("=")[2].strip() for line in lines if line.startswith(f"{key} =")), None)


def _link_default(project: Project) -> None:
    """Make `.venv` a link to the default track's environment, for editors. A real folder `.venv` stays unchanged."""
    link = project.root / ".venv"
    target = project.environment(project.default_track).name
    if link.is_symlink() and str(link.readlink()) == target:
        return
    if link.is_symlink() or not link.exists():
        link.unlink(missing_ok=True)
        link.symlink_to(target)


@contextmanager
def one_at_a_time(project: Project) -> Iterator[None]:
    """Wait until no other command makes an environment of this project. Other commands wait until the block ends."""
    project.cache.mkdir(parents=True, exist_ok=True)
    with (project.cache / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
