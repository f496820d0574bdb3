"""Build a new wheel of each distribution that a track installs from source.

envparity compares the installed files of these distributions with the new wheels.

The build uses the Python, the compiler, the build requirements and the variables with which lockenv makes environments.
A track is one pinned version of libp2p on one Python, such as v0.4, with its own environment.
"""

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from dev.lockenv.command import run
from dev.lockenv.environments import EnvironmentMaker, one_at_a_time

_STAMP = "made-from"  # a file next to the wheels, with everything that the wheels depend on


def rebuild(maker: EnvironmentMaker, track: str, folder: Path) -> None:
    """Build a wheel of each distribution that a track installs from source, and write the wheels into `folder`.

    If `folder` already has wheels that were built from the track's present lock with this machine's present tools,
    build nothing. Raises CommandError if a build fails, or if this machine lacks something that a build needs.
    """
    project = maker.project
    lock = maker.locks.read(project.check_track(track))
    commit = project.git_libraries.get(track)
    wanted = [lock.pins[name].text for name in lock.built]
    with one_at_a_time(project):
        installer = maker.installer(track, builds=True)
        stamp = repr((sorted(installer.build_settings().items()), wanted, commit))
        if _read(folder / _STAMP) == stamp:
            return
        shutil.rmtree(folder, ignore_errors=True)
        with TemporaryDirectory() as temporary:
            pip = _builder(maker, track, Path(temporary) / "builder")
            if wanted:
                requirements = Path(temporary) / "wanted.txt"
                requirements.write_text("".join(f"{text}\n" for text in wanted), encoding="utf-8")
                _wheels(maker, pip, folder, "--require-hashes", "-r", str(requirements))
            if commit:
                _wheels(maker, pip, folder, f"libp2p @ {commit}")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _STAMP).write_text(stamp, encoding="utf-8")


def _builder(maker: EnvironmentMaker, track: str, folder: Path) -> Path:
    """Make an environment with pip and the locked build requirements; return the path of its pip."""
    run([maker.interpreter_of(track).path, "-I", "-m", "venv", folder], purpose="making an environment to build in")
    pip = folder / "bin" / "pip"
    lock = maker.project.lock("build")
    install = ["install", "-q", "--disable-pip-version-check", "--require-hashes", "--no-deps", "--only-binary=:all:"]
    run([pip, *install, "-r", lock], purpose=f"installing {lock.name}")
    return pip


def _wheels(maker: EnvironmentMaker, pip: Path, folder: Path, *requirements: str) -> None:
    options = ["-q", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--no-cache-dir"]
    run(
        [pip, "wheel", *options, "--no-binary=:all:", "--wheel-dir", folder, *requirements],
        purpose=f"building the wheels in {folder} again",
        extra={**maker.project.toolchain.build_environment, "PATH": _search_path(maker.project.home)},
        cwd=pip.parent,  # a folder without pyproject.toml
    )


def _search_path(home: Path) -> str:
    """Return PATH without the folders in `home`.

    An environment in `home` may contain a program such as `gcc`, and this program is not the compiler of this machine.
    """
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(one for one in folders if one and not Path(one).resolve().is_relative_to(home.resolve()))


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return None
