"""Finds the environments in a tree of files, for example the environment that the image starts."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from envparity.errors import EnvparityError
from envparity.outside.foreign import foreign_python
from envparity.outside.python import Python, assumed_python, read_python, read_whole
from envparity.outside.tree import Folder, Tree
from envparity.text import visible

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # the default PATH of Docker
_PROGRAM = re.compile(r"(?:python|pypy)(?:\d(?:\.\d+)?t?)?")
_SITES = ("site-packages", "dist-packages")
_METADATA = (".dist-info", ".egg-info")
_CACHE = "CACHEDIR.TAG"  # the file of the Cache Directory Tagging Specification, as in the caches of uv, pip and pytest
_SKIPPED = ("/proc", "/sys", "/dev")  # the kernel makes these folders


@dataclass(frozen=True)
class Found:
    """An environment: its Python, and its folder `prefix`.

    `target` is the folder of an environment without an interpreter, for example a folder from `pip install --target`.
    """

    python: Python
    prefix: str
    target: str | None = None


@dataclass(frozen=True)
class Wish:
    """Which environments to read: the environment in the folder `prefix`, or with `every` all environments.

    With neither, read the environment that the image starts. `python` is the version to assume for a folder that has no
    interpreter.
    """

    prefix: str | None = None
    every: bool = False
    python: str | None = None


def find_environments(
    tree: Tree, environ: Mapping[str, str], machine: str, wish: Wish, what: str
) -> tuple[list[Found], list[str]]:
    """Return the environments to read, and the folders of the environments that are not read.

    If `wish.prefix` is set, read only the environment in this folder, and do not search for others: the second list is
    empty. If it is not set, read the environment that the image starts: the environment in VIRTUAL_ENV, or else the
    environment of the first Python on PATH. If the image starts no environment, or with `wish.every`, read all
    environments. A folder without an interpreter is then read only if `wish.python` gives the version of Python.

    `environ` has the environment variables of the image, `machine` is the kernel's name of the machine, and `what`
    names the image in errors. Raise EnvparityError if there is no environment to read.
    """
    if wish.prefix is not None:
        return [_named(tree, posixpath.join("/", wish.prefix), machine, wish, what)], []
    every = list(_all(tree, machine, wish))
    started = None if wish.every else _started(tree, environ)
    if started is not None:
        return [started], sorted({one.prefix for one in every} - {started.prefix, tree.real(started.prefix)})
    if not every:
        raise EnvparityError(
            f"{what}: expected an environment, found no Python and no installed distribution; name its folder with "
            "--prefix"
        )
    lacking = [one.prefix for one in every if not one.python.version]
    if lacking and len(lacking) == len(every):
        raise _no_version(lacking[0], what)
    return [one for one in every if one.python.version], lacking


def prefix_of(tree: Tree, executable: str) -> str:
    """Return the folder of the environment that the Python at `executable` belongs to."""
    here = posixpath.dirname(executable)
    above = posixpath.dirname(here)
    for folder in (here, above):
        if "pyvenv.cfg" in _inside(tree, folder):
            return above
    return posixpath.dirname(posixpath.dirname(tree.real(executable)))


def python_in(tree: Tree, prefix: str) -> Python | None:
    """Return the Python in `bin` of the environment's folder `prefix`; None if `bin` has no Python of Linux."""
    bin_folder = posixpath.join(prefix, "bin")
    for name in _programs(_inside(tree, bin_folder)):
        if found := read_python(tree, posixpath.join(bin_folder, name)):
            return found
    return None


def _programs(names: Iterator[str] | Mapping[str, object]) -> list[str]:
    found = [name for name in names if _PROGRAM.fullmatch(name)]
    return sorted(found, key=lambda name: (not name.startswith("python"), len(name), name))


def _named(tree: Tree, prefix: str, machine: str, wish: Wish, what: str) -> Found:
    prefix = posixpath.normpath(prefix)
    inside = _inside(tree, prefix)
    if not inside:
        raise EnvparityError(f"{what}: expected a folder with an environment at {visible(prefix)}, found none")
    if (python := python_in(tree, prefix)) is not None and wish.python is None:
        return Found(python, prefix)
    if wish.python is None and (foreign := foreign_python(tree, prefix)) is not None:
        return Found(foreign, prefix)
    if "pyvenv.cfg" not in inside and _has_distributions(inside):
        if wish.python is None:
            raise _no_version(prefix, what)
        return Found(assumed_python(wish.python, machine), prefix, target=prefix)
    library = posixpath.join(prefix, "lib")
    sites = [f"{library}/{name}/{site}" for name in sorted(_inside(tree, library)) for site in _SITES]
    below = next((site for site in sites if _has_distributions(_inside(tree, site))), None)
    hint = f"; for the distributions in {visible(below)}, name this folder" if below else ""
    raise EnvparityError(
        f"{what}: expected a Python of Linux in {visible(prefix)}/bin, or installed distributions in "
        f"{visible(prefix)}, found neither{hint}"
    )


def _no_version(prefix: str, what: str) -> EnvparityError:
    return EnvparityError(
        f"{what}: expected the version of Python for {visible(prefix)}, which has no interpreter, found none; add "
        "--python VERSION"
    )


def _started(tree: Tree, environ: Mapping[str, str]) -> Found | None:
    """Return the environment that the image starts, or None if the image starts no Python."""
    active = environ.get("VIRTUAL_ENV")
    if active and (python := python_in(tree, active)):
        return Found(python, posixpath.normpath(active))
    folders = [one for one in environ.get("PATH", _PATH).split(":") if one.startswith("/")]
    for name in ("python", "python3"):
        for folder in folders:
            path = posixpath.join(folder, name)
            if python := read_python(tree, path):
                return Found(python, prefix_of(tree, path))
    return None


def _all(tree: Tree, machine: str, wish: Wish) -> Iterator[Found]:
    """Yield every virtual environment, every Python with distributions, and every other folder with distributions.

    Skip the folders into which an installer unpacked wheels in its cache.
    """
    seen: set[str] = set()
    caches: list[str] = []
    targets: list[str] = []
    bases: list[Found] = []
    for path, folder in tree.walk_all(skipped=_SKIPPED):
        if _CACHE in folder.inside:
            caches.append(f"{path}/")
        if "pyvenv.cfg" in folder.inside and (python := python_in(tree, path)):
            seen.add(path)
            yield Found(python, path)
        elif path.endswith("/bin") and path[:-4] not in seen:
            bases += _installations(tree, path, folder)
        elif _has_distributions(folder.inside) and posixpath.basename(path) not in _SITES:
            targets.append(path)
    for base in bases:
        if _has_sites(tree, base) and "pyvenv.cfg" not in _inside(tree, base.prefix):
            yield base
    for path in targets:
        if not any(f"/{site}/" in path for site in _SITES) and not f"{path}/".startswith(tuple(caches)):
            yield Found(assumed_python(wish.python, machine) if wish.python else _unknown(), path, target=path)


def _unknown() -> Python:
    return Python("", "", "")


def _installations(tree: Tree, path: str, folder: Folder) -> Iterator[Found]:
    """Yield an installation for each interpreter in a `bin` folder: once if several names lead to the same interpreter.

    Skip a link that leads to an interpreter in another folder.
    """
    real: set[str] = set()
    for name in _programs(folder.inside):
        target = tree.real(posixpath.join(path, name))
        if target in real or not target.startswith(path + "/"):
            continue
        real.add(target)
        if python := read_python(tree, posixpath.join(path, name)):
            yield Found(python, posixpath.dirname(path) or "/")


def _has_sites(tree: Tree, base: Found) -> bool:
    """Return whether an installation of Python has distributions."""
    library = f"{base.python.implementation.replace('cpython', 'python')}{base.python.series}"
    below = [
        f"{prefix}/lib/{name}" for prefix in (base.prefix, base.prefix + "/local") for name in (library, "python3")
    ]
    return any(_has_distributions(_inside(tree, f"{folder}/{site}")) for folder in below for site in _SITES)


def _inside(tree: Tree, path: str) -> Mapping[str, object]:
    try:
        found = tree.find(path, follow=True)
    except OSError:
        return {}
    return found.inside if isinstance(found, Folder) else {}


def _has_distributions(inside: Mapping[str, object]) -> bool:
    return any(name.endswith(_METADATA) for name in inside)


def home_of(tree: Tree, user: str) -> str:
    """Return the home folder of a user of the image; `user` is the field User of its configuration, empty for root."""
    name = user.partition(":")[0] or "0"
    text = (read_whole(tree, "/etc/passwd", 1 << 20) or b"").decode("utf-8", "replace")
    for line in text.splitlines():
        parts = line.split(":")
        if len(parts) >= 6 and name in (parts[0], parts[2]):
            return parts[5] or "/"
    return "/root" if name in ("0", "root") else "/"
