"""`scripts/bench parity`: measures how long tasks of envparity take, and how long similar tasks take.

For example, it divides the time of a snapshot by the time of a loop that only hashes the same files. The speed of a
machine varies. Therefore each time is the median of nine measurements, and the measured tasks take turns. envparity's
probe is the program that runs in an environment and reads its files and distributions. The probe prints them as a
snapshot, which envparity then judges.
"""

import io
import json
import os
import subprocess
import sys
import tarfile
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from archives import docker_save
from environment_builder import Environment
from rich.console import Console
from rich.table import Table

from dev.command.command import Command
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import this_project
from dev.lockenv.rebuild import rebuild
from envparity.judge.judgement import judged
from envparity.judge.subject import Subject
from envparity.probe.assembly import probe_text
from envparity.probe.behaviour import BEHAVIOUR
from envparity.project.config import find_config
from envparity.snapshot.outside import Outside, child_command, find_source, task_text
from envparity.snapshot.types import decode_snapshot

RUNS = 9
SIZES = (50, 200, 800)  # The numbers of distributions in the environments of `growth`.
# The loop hashes the files of the environment, the interpreter, and the files of the standard library that a snapshot
# lists.
_LOOP = """
import hashlib, os, sys
tag = "." + sys.implementation.cache_tag + ".pyc"
library = os.path.dirname(os.__file__)
def hashed(path):
    if os.path.isfile(path):
        with open(path, "rb") as file:
            hashlib.sha256(file.read()).hexdigest()
hashed(sys.executable)
for top in (sys.argv[1], library):
    for folder, folders, names in os.walk(top):
        if top == library:
            left_out = ("site-packages", "dist-packages")
            folders[:] = [one for one in folders if one not in left_out and not one.startswith("config-")]
        for name in names:
            if top != library or os.path.basename(folder) != "__pycache__" or name.endswith(tag):
                path = os.path.join(folder, name)
                if top == library or not os.path.islink(path):
                    hashed(path)
"""


# This loop reads the layers of an archive of `docker save` with `tarfile`, and hashes the files of the environment and
# of the standard library.
_UNPACK = """
import hashlib, json, sys, tarfile
archive, *kept = sys.argv[1:]
with tarfile.open(archive) as outer:
    for name in json.load(outer.extractfile("manifest.json"))[0]["Layers"]:
        with tarfile.open(fileobj=outer.extractfile(name)) as layer:
            for member in layer:
                if member.isfile() and member.name.startswith(tuple(kept)):
                    hashlib.sha256(layer.extractfile(member).read()).hexdigest()
"""


@dataclass(frozen=True)
class Figure:
    """One ratio: the seconds that a task of envparity takes, divided by the seconds that a similar task takes.

    `what` names the task of envparity, which takes `ours` seconds. `against` names the similar task, which takes
    `theirs` seconds. `limit` is the largest allowed ratio, or None if the ratio has no limit.
    """

    what: str
    ours: float
    against: str
    theirs: float
    limit: float | None

    @property
    def ratio(self) -> float:
        """Return the seconds of envparity's task divided by the seconds of the similar task."""
        return self.ours / self.theirs

    @property
    def within(self) -> bool:
        """Return whether the ratio is at most `limit`; without a limit, return True."""
        return self.limit is None or self.ratio <= self.limit


def in_turns(*works: Callable[[], object]) -> list[float]:
    """Run the functions in turns, and return the median seconds of each function.

    In each round, every function runs once. The first round only fills the caches and does not count.
    """
    taken: list[list[float]] = [[] for _ in works]
    for number in range(RUNS + 1):
        for work, times in zip(works, taken, strict=True):
            started = time.perf_counter()
            work()
            if number:
                times.append(time.perf_counter() - started)
    return [median(times) for times in taken]


def process(*words: str | Path, stdin: str = "") -> Callable[[], object]:
    """Return a function that runs the command `words`, and waits until the command ends.

    The command reads the text `stdin` on its standard input. The returned function raises CalledProcessError if the
    command fails.
    """

    def run() -> object:
        return subprocess.run([str(word) for word in words], input=stdin.encode(), capture_output=True, check=True)

    return run


def snapshots(root: Path) -> list[Figure]:
    """Compare the time of a snapshot of v0.4's environment with the times of two similar tasks.

    These tasks are a loop that only hashes the same files, and `pip check`. Also compare the time of the behaviour
    checks with the time of the imports that they need. A behaviour check is a program in pyproject.toml that the probe
    runs. `root` is the project's folder.
    """
    project = this_project()
    folder = project.environment("v0.4")
    python = folder / "bin" / "python"
    site = next((project.environment("tools") / "lib").glob("python3*")) / "site-packages"
    envparity = project.environment("tools") / "bin" / "envparity"
    command, bare, loop, check = in_turns(
        process(envparity, "snapshot", "venv", "--track", "v0.4", "--no-behaviour", "-o", os.devnull),
        process(python, "-I", "-S", "-", stdin=probe_text()),
        process(python, "-I", "-c", _LOOP, folder),
        process(python, "-I", site / "pip", "check"),
    )
    checks = [[one.name, one.code] for one in find_config(root).behaviour]
    imports = "\n".join(dict.fromkeys(line for _, code in checks for line in code.splitlines() if "import " in line))
    behaviour, imported = in_turns(
        process(python, "-I", "-B", "-c", BEHAVIOUR, stdin=json.dumps(checks)),
        process(python, "-I", "-B", "-c", imports),
    )
    return [
        Figure("the probe, without behaviour checks", bare, "a loop that only hashes", loop, 1.2),
        Figure("the probe, without behaviour checks", bare, "pip check", check, 1.0),
        # The command first starts its own Python, which always takes about 0.1 s. Then it starts the environment's
        # Python.
        Figure("the command envparity snapshot", command, "a loop that only hashes", loop, 2.2),
        Figure("the command envparity snapshot", command, "pip check", check, None),
        Figure("behaviour checks", behaviour, "the imports they need", imported, 1.2),
    ]


def outside() -> list[Figure]:
    """Measure how long envparity takes to read the folder of an environment, and the archive of an image.

    envparity starts no program from the folder or the archive. Also measure a check that compares the installed files
    with the wheels of the lock. The hashes of these wheels are already in the cache.
    """
    project = this_project()
    folder = project.environment("v0.4").resolve()
    python = folder / "bin" / "python"
    stdlib = Path(
        subprocess.run(
            [python, "-c", "import os; print(os.__file__)"], capture_output=True, text=True, check=True
        ).stdout
    ).parent
    envparity = project.environment("tools") / "bin" / "envparity"
    built = project.cache / "envparity" / "built" / "v0.4" / "venv"
    rebuild(EnvironmentMaker(project), "v0.4", built)
    with TemporaryDirectory() as temporary:
        archive = Path(temporary) / "saved.tar"
        archive.write_bytes(
            docker_save(_layer(python.resolve(), stdlib), _layer(folder), environment={"PATH": str(python.parent)})
        )

        def reader(place: Path) -> Callable[[], object]:
            source = find_source(str(place), Path("/"), Outside(no_run=True))
            assert source is not None
            return process(*child_command(), stdin=task_text("bench", source, Outside(no_run=True), {}).decode())

        kept = [str(path)[1:] for path in (folder, stdlib)]
        check: list[str | Path] = [envparity, "check", "venv", "--track", "v0.4", "--no-behaviour"]
        traced, plain, inner, loop, packed, unpacked = in_turns(
            process(*check, "--artefacts-from", built),
            process(*check),
            reader(folder),
            process(python, "-I", "-c", _LOOP, folder),
            reader(archive),
            process(sys.executable, "-I", "-c", _UNPACK, archive, *kept),
        )
    return [
        Figure("reading a folder from outside", inner, "a loop that only hashes", loop, 1.2),
        Figure("reading an image from outside", packed, "tarfile, and hashing", unpacked, 1.5),
        Figure("check --artefacts, from the cache", traced, "check", plain, 1.3),
    ]


def _layer(*paths: Path) -> bytes:
    """Return a layer of an image: a tar archive with the files and folders `paths`.

    The file times are whole seconds, as in the layers that a container engine makes.
    """

    def whole(info: tarfile.TarInfo) -> tarfile.TarInfo:
        info.mtime = int(info.mtime)
        return info

    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in paths:
            archive.add(path, filter=whole)
    return made.getvalue()


def comparison(root: Path) -> Figure:
    """Divide the time in which envparity compares four snapshots by the time in which Python loads their JSON.

    `root` is the project's folder.
    """
    config = find_config(root)
    python = this_project().environment("v0.4") / "bin" / "python"
    data = subprocess.run(
        [python, "-I", "-S", "-"], input=probe_text().encode(), capture_output=True, check=True
    ).stdout
    lock = config.lock("v0.4")

    def compare() -> object:
        return judged([Subject(str(n), decode_snapshot(data, "saved"), config, "v0.4", lock) for n in range(4)])

    def load() -> object:
        return [json.loads(data) for _ in range(4)]

    ours, theirs = in_turns(compare, load)
    return Figure("four saved snapshots compared", ours, "loading their JSON", theirs, 3.0)


def growth() -> list[Figure]:
    """Measure whether the time per distribution grows with the number of distributions in an environment.

    The time is the time of a snapshot together with its check. Environments with 200 and with 800 distributions are
    compared with an environment of 50 distributions.
    """
    config = find_config(Path(os.devnull).parent)
    taken: dict[int, float] = {}
    with TemporaryDirectory() as temporary:
        for size in SIZES:
            environment = Environment(Path(temporary) / str(size))
            for number in range(size):
                environment.add(
                    f"made-{number}",
                    files={f"made_{number}/{name}.py": f"value = {name!r}\n" * 200 for name in map(str, range(40))},
                    requires=[f"made-{number - 1}"] if number else [],
                )

            def look(environment: Environment = environment) -> object:
                return judged([Subject("made", environment.snapshot(), config)])

            (taken[size],) = in_turns(look)
    start = in_turns(process(sys.executable, "-I", "-c", ""))[0]
    each = {size: (taken[size] - start) / size for size in SIZES}
    return [
        Figure(f"one of {size} distributions", each[size], f"one of {SIZES[0]} distributions", each[SIZES[0]], 1.3)
        for size in SIZES[1:]
    ]


def _bench(_options: Namespace) -> int:
    project = this_project()
    maker = EnvironmentMaker(project)
    maker.track("v0.4")
    maker.tools()
    root = project.root
    figures = [*snapshots(root), *outside(), comparison(root), *growth()]
    show(figures, Console(width=None if sys.stdout.isatty() else 120))
    return 0 if all(one.within for one in figures) else 1


def show(figures: Sequence[Figure], console: Console) -> None:
    """Print a table with one row per figure."""
    table = Table(title=f"medians of {RUNS} measurements, in turns", title_justify="left")
    for heading in ("measured", "ms", "compared with", "ms", "ratio", "at most"):
        table.add_column(heading, justify="left" if heading in ("measured", "compared with") else "right")
    for one in figures:
        style = "" if one.within else "bold red"
        table.add_row(
            *(one.what, f"{one.ours * 1e3:.2f}", one.against, f"{one.theirs * 1e3:.2f}", f"{one.ratio:.2f}"),
            f"{one.limit:g}" if one.limit else "",
            style=style,
        )
    console.print(table)


COMMAND = Command(
    name="bench parity",
    does="Measure how long envparity takes, and how long similar tasks of other programs take.",
    statuses={0: "every figure is within its limit", 1: "a figure is above its limit"},
    run=_bench,
)
