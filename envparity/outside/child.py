"""The program that reads one door from outside. It is a separate process, so a hostile archive cannot end envparity.

A door is a way to reach an environment: here a folder, an archive, an OCI layout, or an image or a container of docker
or podman.
"""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from envparity.errors import EnvparityError
from envparity.outside.disk import disk_tree, region_of
from envparity.outside.engine import find_engine
from envparity.outside.environments import (
    Found,
    Wish,
    find_environments,
    home_of,
)
from envparity.outside.images import Choice, Image, OnDisk, read_archive, read_layout, with_config
from envparity.outside.python import machine_named
from envparity.outside.run import read_snapshot_from_outside
from envparity.outside.spool import Spool
from envparity.outside.view import View
from envparity.text import visible


def main() -> int:
    """Read the task from standard input, print the lines of `snapshots`, and return 0.

    After an error, print its message to standard error and return 2.
    """
    signal.signal(signal.SIGTERM, _end)
    task = json.load(sys.stdin)
    try:
        for line in snapshots(task):
            sys.stdout.buffer.write(line + b"\n")
        sys.stdout.buffer.flush()
    except EnvparityError as error:
        sys.stderr.write(f"{visible(str(error))}\n")
        return 2
    except OSError as error:
        path, found = str(error.filename or task["source"]), error.strerror or str(error)
        sys.stderr.write(f"{visible(task['source'])}: expected to read {visible(path)}, found: {visible(found)}\n")
        return 2
    except MemoryError:
        sys.stderr.write(f"{visible(task['source'])}: expected an image that fits into memory, found a larger image\n")
        return 2
    return 0


def _end(_number: int, _frame: FrameType | None) -> None:
    os._exit(143)  # the temporary file of `Spool` has no name, so the system removes it now


def snapshots(task: dict[str, Any]) -> Iterator[bytes]:
    """Yield two lines for each environment: a JSON object with `prefix`, `others` and `images`, then the snapshot.

    `prefix` is the folder of the environment, `others` are the folders of environments that were not read, and `images`
    are the SHA-256 of the image's configuration and manifest.

    `task` has `kind` (`folder`, `root`, `layout`, `archive`, `image` or `container`) and `source`, which is a path, or
    the name of an image or a container. All further fields may be missing. `name` is the door's name in error messages.
    The class `Wish` describes `prefix`, `every` and `python`. `image` is the field `name` of the class `Choice`, which
    also describes `platform`. `settings` are the settings of the probe. Raise EnvparityError if the source is damaged
    or has no environment.
    """
    source, kind = task["source"], task["kind"]
    what = visible(task.get("name") or source)
    wish = Wish(task.get("prefix"), bool(task.get("every")), task.get("python"))
    choice = Choice(task.get("image"), task.get("platform"))
    with Spool() as spool:
        if kind == "folder":
            yield from _folder(Path(source), wish, task, what)
            return
        if kind in ("image", "container"):
            image = _of_engine(kind, source, choice, spool, what)
        elif kind == "root":
            image = Image(disk_tree(Path(source)))
        elif kind == "layout":
            image = read_layout(OnDisk(Path(source)), choice, spool, what)
        else:
            image = read_archive(region_of(Path(source)), choice, spool, what)
        yield from _image(image, wish, task, what)


def _image(image: Image, wish: Wish, task: dict[str, Any], what: str) -> Iterator[bytes]:
    machine = machine_named(image.architecture) or os.uname().machine
    environ = {"HOME": home_of(image.tree, image.user)} | dict(image.environment)
    found, others = find_environments(image.tree, environ, machine, wish, what)
    for one in found:
        view = View(image.tree, environ, one.python.machine)
        yield from _lines(one, others, read_snapshot_from_outside(one, view, task.get("settings") or {}), image)


def _folder(folder: Path, wish: Wish, task: dict[str, Any], what: str) -> Iterator[bytes]:
    """Yield the two lines, as in `snapshots`, for the environment in a folder of this machine."""
    tree = disk_tree(Path("/"))
    prefix = os.path.abspath(folder)  # noqa: PTH100 - resolve() would follow links
    if wish.prefix is not None:
        prefix = os.path.join(prefix, wish.prefix)  # noqa: PTH118 - as above
    found, _ = find_environments(tree, {}, os.uname().machine, Wish(prefix, python=wish.python), what)
    for one in found:
        python = one.python
        view = None if python.system == "linux" else View(tree, {}, python.machine, python.system)
        yield from _lines(one, [], read_snapshot_from_outside(one, view, task.get("settings") or {}))


def _lines(found: Found, others: list[str], snapshot: dict[str, Any], image: Image | None = None) -> Iterator[bytes]:
    images = [digest for digest in (image.identity, image.manifest) if digest] if image else []
    yield json.dumps({"prefix": found.prefix, "others": others, "images": images}).encode()
    yield json.dumps(snapshot, separators=(",", ":")).encode()


def _of_engine(kind: str, name: str, choice: Choice, spool: Spool, what: str) -> Image:
    """Return the image or the container `name` of docker or podman on this machine."""
    engine = find_engine(what)
    if kind == "image":
        return read_archive(spool.add(engine.archive("save", name), what), choice, spool, what)
    image = read_archive(spool.add(engine.archive("export", name), what), choice, spool, what)
    return with_config(image, engine.container_config(name))
