"""`scripts/bench image`: compares the project's image with the image of November 2025.

The Dockerfile of the image of November 2025 is in `tests/dev/doors/old`. It installs the releases that were current on
2025-11-08. Both images have the same base image. The benchmark measures three builds: from scratch, after a change of
the file that lists the dependencies, and after a change of `ping_test.py`. It prints the median of three runs of each
build. It also prints the size of the layers above the base image. Finally it prints the time from the start of a dialer
to its result, once in containers and once as plain processes.
"""

import os
import secrets
import shutil
import statistics
import subprocess
import time
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from docker_kit import Docker, bridged, build_old, old_context, unified

from dev.command.command import Command
from dev.doors.bases import find_base
from dev.doors.engine import Engine
from dev.doors.engines import find_engine
from dev.doors.image import build, make_plan
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import Project, read_project, this_project
from dev.matrix.plan import Test
from pingtest.settings import Muxer, SecureChannel, Transport

_RUNS = 3
_STARTS = 15
_TEST = Test("v0.4", "v0.4", Transport.TCP, SecureChannel.NOISE, Muxer.YAMUX)


def _bench(_options: Namespace) -> int:
    engine, project = find_engine(), this_project()
    EnvironmentMaker(project).track("v0.4")
    base, _ = find_base(engine, project)
    with TemporaryDirectory() as name:
        ours = _Ours(engine, _copy(project, Path(name) / "ours"), base)
        old = _Old(engine, old_context(project, Path(name)), base)
        rows: list[tuple[str, Callable[[], object], Callable[[], object], float]] = [
            ("cold build", ours.cold, old.cold, 0.5),
            ("one dependency changed", ours.dependency, old.dependency, 0.4),
            ("ping_test.py edited", ours.edited, old.edited, 0),
        ]
        print(f"{'':24} {'image':>6}    {'old image':>9}  ratio")
        for what, one, other, most in rows:
            here, there = _turns(one, other)
            limit = f"(at most {most})" if most else "(at most 1 s)"
            print(f"{what:24} {here:6.2f} s  {there:6.2f} s  {here / there:5.2f} {limit}", flush=True)
        under = _size(engine, base)
        here, there = _size(engine, ours.tag) - under, _size(engine, old.tag) - under
        print(
            f"{'content above the base':24} {here / 1e6:6.1f} MB {there / 1e6:6.1f} MB {here / there:5.3f} (at most "
            "0.13)"
        )
        contained, plain = _starts(engine, project, ours.tag)
        print(f"{'':24} {'image':>6}    {'processes':>9}  ratio")
        print(f"{'start to result':24} {contained:6.2f} s  {plain:6.2f} s  {contained / plain:5.2f} (at most 1.6)")
        engine.remove("image", ours.tag, old.tag)
    return 0


def _turns(one: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """Run two functions in turns, three times each, and return the median seconds of each function."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(_RUNS):
        for index, work in enumerate((one, other)):
            started = time.monotonic()
            work()
            times[index].append(time.monotonic() - started)
    return statistics.median(times[0]), statistics.median(times[1])


def _copy(project: Project, root: Path) -> Project:
    """Copy the files that a build of the image reads into the folder `root`, and return the project of the copies.

    The benchmark changes the copies, and not the files of the checkout.
    """
    for name in ("dev/command", "dev/doors/within", "dev/lockenv", "locks", "pingtest"):
        shutil.copytree(project.root / name, root / name)
    names = ("Dockerfile", ".dockerignore", "LICENSE", "dev/__init__.py", "ping_test.py", "pyproject.toml")
    for name in names:
        shutil.copy(project.root / name, root / name)
    return read_project(root)


def _append_line(path: Path) -> None:
    """Append a random comment line to a file, which changes the file but not its meaning."""
    with path.open("a") as file:
        file.write(f"# {secrets.token_hex(4)}\n")


class _Ours:
    def __init__(self, engine: Engine, project: Project, base: str) -> None:
        self._engine, self._project, self._base = engine, project, base
        self.tag = "py-libp2p-ping-test:measured"

    def _build(self, *, fresh: bool) -> None:
        plan = replace(make_plan(self._project, "v0.4", self._base), tag=self.tag)
        build(self._engine, self._project, plan, fresh=fresh)

    def cold(self) -> None:
        self._build(fresh=True)

    def dependency(self) -> None:
        # The lock's bytes change, but the lock names the same releases.
        _append_line(self._project.root / "locks" / "v0.4.txt")
        self._build(fresh=False)

    def edited(self) -> None:
        _append_line(self._project.root / "ping_test.py")
        self._build(fresh=False)


class _Old:
    def __init__(self, engine: Engine, context: Path, base: str) -> None:
        self._engine, self._base, self._context = engine, base, context
        self.tag = "py-libp2p-ping-test-old:measured"

    def _build(self, *, fresh: bool) -> None:
        build_old(self._engine, self._context, self._base, self.tag, fresh=fresh)

    def cold(self) -> None:
        self._build(fresh=True)

    def dependency(self) -> None:
        _append_line(self._context / "pyproject.toml")
        self._build(fresh=False)

    def edited(self) -> None:
        _append_line(self._context / "ping_test.py")
        self._build(fresh=False)


def _size(engine: Engine, tag: str) -> int:
    return int(engine.inspect(tag)["Size"])


def _starts(engine: Engine, project: Project, tag: str) -> tuple[float, float]:
    """Return the median seconds from the start of a dialer to its result, twice: in containers, and as plain processes.

    The listener is already waiting when the dialer starts.
    """
    contained: list[float] = []
    plain: list[float] = []
    docker = Docker(engine, f"bench-{secrets.token_hex(4)}")
    redis = docker.address(docker.redis)
    python, application = project.environment("v0.4") / "bin" / "python", project.root / "ping_test.py"
    try:
        for _ in range(_STARTS):
            key = secrets.token_hex(4)
            listens = unified(_TEST, key, f"{redis}:6379", is_dialer=False)
            waiting = docker.start(f"listener-{key}", tag, listens)
            time.sleep(2)
            contained.append(_first_line(docker.command(tag, listens | {"IS_DIALER": "true"}), dict(os.environ)))
            # Remove this listener, so that it does not run at the same time as the next listener. For the same reason,
            # the code below terminates the second listener, which runs as a plain process.
            docker.remove(waiting)
            own = bridged(unified(_TEST, secrets.token_hex(4), f"{redis}:6379", is_dialer=False))
            with subprocess.Popen([python, application], env=own, stderr=subprocess.DEVNULL) as listener:
                time.sleep(2)
                plain.append(_first_line([str(python), str(application)], own | {"IS_DIALER": "true"}))
                listener.terminate()
    finally:
        docker.close()
    return statistics.median(contained), statistics.median(plain)


def _first_line(command: list[str], environ: dict[str, str]) -> float:
    """Return the seconds from the start of a dialer to the first line on its standard output."""
    started = time.monotonic()
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as dialer:
        assert dialer.stdout
        line = dialer.stdout.readline()
        took = time.monotonic() - started
        _, said = dialer.communicate()
    assert line, said
    assert dialer.returncode == 0, said
    return took


COMMAND = Command(
    name="bench image",
    does="Measure the build, the size and the start of the image of this project and of the old image of November "
    "2025, both on the same base. tests/dev/doors/old/Dockerfile repeats the build steps of the old image. The command "
    "needs a Docker engine.",
    statuses={0: "every run was measured"},
    run=_bench,
)
