"""The environments of the venv door: each made from its locks when it is missing or no longer what they say."""

import fcntl
import hashlib
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dev.lockenv.command import run
from dev.lockenv.installer import find_installer
from dev.lockenv.interpreter import Interpreter, find_interpreter
from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project
from dev.lockenv.source import Source
from dev.lockenv.system import require_build_tools, require_program

# The key in pyvenv.cfg that says what an environment was made from. It is written last, so that an
# interrupted install is seen and made anew; Python itself passes over keys that it does not know.
_STAMP = "lockenv"
# And where it was made: its scripts name the Python that is there.
_PLACE = "lockenv-place"
# The command `envparity`: the project is installed in no environment, it runs from its folder. -I, for what the
# caller's PYTHONPATH adds is the doors' to report, not envparity's to import.
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


def track_environment(project: Project, track: str, source: Source | None = None) -> Path:
    """The Python of a track's environment; with `source`, of an environment of its own beside it."""
    project.check_track(track)
    name = track
    if source is not None:
        name += "-from-" + hashlib.sha256(source.requirement.encode()).hexdigest()[:8]
    library = source or _git_library(project, track)
    python = _ensure(project, name, [track], library)
    if name == project.default_track and project.home == project.root:
        _link_default(project)
    if library is not None:
        for line in find_installer(project, find_interpreter(project.toolchain), {}).unmet(python):
            print(f"lockenv: {library.requirement}: {line}", file=sys.stderr)  # noqa: T201 - before anything runs
    return python


def was_made(project: Project, name: str) -> bool:
    """Whether an environment was once made to its end and where it is, whatever has become of it since."""
    folder = project.environment(name)
    return _read(folder, _PLACE) == str(folder.resolve()) and (folder / "bin" / "python").exists()


def tools_environment(project: Project) -> Path:
    """The Python of the environment that holds the linters, envparity with its libraries, and uv."""
    python = _ensure(project, "tools", ["tools"], None)
    command = python.with_name("envparity")
    text = _ENVPARITY.replace("@ROOT@", "$here/../.." if project.home == project.root else str(project.root))
    if not command.exists() or command.read_text(encoding="utf-8") != text:
        command.write_text(text, encoding="utf-8")
        command.chmod(0o755)
    return python


def node_environment(project: Project) -> Path:
    """The Python of the environment that holds Node.js: `node` and `npm` are beside it."""
    return _ensure(project, "node", ["node"], None)


def test_environment(project: Project, track: str) -> Path:
    """The Python of the environment that tests run in: a track's lock and the tools' lock together."""
    project.check_track(track)
    return _ensure(project, f"test-{track}", [track, "tools"], _git_library(project, track))


def _git_library(project: Project, track: str) -> Source | None:
    """The library of a track that is a commit: its lock holds everything else."""
    library = project.git_libraries.get(track)
    return Source(f"libp2p @ {library}", library) if library else None


def _ensure(project: Project, name: str, locks: list[str], source: Source | None) -> Path:
    interpreter = find_interpreter(project.toolchain)
    folder = project.environment(name)
    python = folder / "bin" / "python"
    with one_at_a_time(project):
        stamp = _digest(project, interpreter, folder, locks, source)
        if _read(folder, _STAMP) != stamp or not python.exists():
            _make(project, interpreter, folder, locks, source)
            with (folder / "pyvenv.cfg").open("a", encoding="utf-8") as file:
                file.write(f"{_PLACE} = {folder.resolve()}\n{_STAMP} = {stamp}\n")
    return python


def _make(project: Project, interpreter: Interpreter, folder: Path, locks: list[str], source: Source | None) -> None:
    if sys.stderr.isatty():
        print(f"making {folder.name} from locks/{', locks/'.join(locks)}", file=sys.stderr)  # noqa: T201 - progress
    builds = any(read_lock(project.lock(lock)).built for lock in locks)
    facts = require_build_tools(project.toolchain, interpreter) if builds or source else {}
    installer = find_installer(project, interpreter, facts)
    if folder.is_symlink():
        folder.unlink()  # what it leads to is somebody else's
    shutil.rmtree(folder, ignore_errors=True)
    run([interpreter.path, "-I", "-m", "venv", "--without-pip", folder], purpose=f"making {folder}")
    python = folder / "bin" / "python"
    installer.sync(python, [project.lock(lock) for lock in locks])
    if source is not None:
        if source.requirement.startswith("libp2p @ git+"):
            require_program(project.toolchain, "git", "git")
        installer.add(python, source.requirement)


def _digest(project: Project, interpreter: Interpreter, folder: Path, locks: list[str], source: Source | None) -> str:
    digest = hashlib.sha256()
    for lock in [*locks, "build"]:
        digest.update(project.lock(lock).read_bytes())
    toolchain = project.toolchain
    digest.update(
        repr(
            (
                # Its scripts name their Python: in a checkout that was moved, or is seen from within a container, they
                # would start another, or none.
                str(folder.resolve()),
                str(interpreter.path),
                interpreter.tag,
                read_lock(project.lock("tools")).pins["uv"].version,
                toolchain.bytecode,
                sorted(toolchain.build_environment.items()),
                source and source.fingerprint,
            )
        ).encode()
    )
    return digest.hexdigest()


def _read(folder: Path, key: str) -> str | None:
    try:
        lines = (folder / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((line.partition("=")[2].strip() for line in lines if line.startswith(f"{key} =")), None)


def _link_default(project: Project) -> None:
    """`.venv` for editors, a link to the default track's environment; a folder that somebody made there stays."""
    link = project.root / ".venv"
    target = project.environment(project.default_track).name
    if link.is_symlink() and str(link.readlink()) == target:
        return
    if link.is_symlink() or not link.exists():
        link.unlink(missing_ok=True)
        link.symlink_to(target)


@contextmanager
def one_at_a_time(project: Project) -> Iterator[None]:
    """Two commands at once never make the same environment together."""
    project.cache.mkdir(parents=True, exist_ok=True)
    with (project.cache / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
