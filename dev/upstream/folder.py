"""The files of the folder `interop/transport`, with their text."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from dev.command.errors import CommandError
from dev.lockenv.lockfile import Lock, read_lock
from dev.lockenv.project import Project
from dev.matrix.plan import every_test
from dev.upstream.checkout import Checkout
from dev.upstream.dockerfile import FOLDER, TRACK, dockerfile
from dev.upstream.within.asked import RELOCK, Unmet, extras_of, unmet
from envparity.render.templates import templates_in
from pingtest.settings import SecureChannel, Transport

_HERE = Path(__file__).parent
_TEMPLATES = templates_in(_HERE, escaped=False)
# The files that the folder has at the same path as this repository. A pattern must match at least one file.
_COPIED = (
    "LICENSE",
    "ping_test.py",
    "pingtest/*.py",
    "dev/__init__.py",
    "dev/command/__init__.py",
    "dev/command/command.py",
    "dev/command/errors.py",
    "dev/command/surroundings.py",
    "dev/command/progress.py",
    "dev/command/python",
    "dev/command/pythons",
    "dev/lockenv/*.py",
    "dev/doors/within/apt-exact",
    "dev/doors/within/locked",
    "dev/doors/within/registries",
    "dev/doors/within/stripped",
    "dev/upstream/__init__.py",
    "dev/upstream/within/__init__.py",
    "dev/upstream/within/asked",
    "dev/upstream/within/asked.py",
    "dev/upstream/within/pinged.py",
    "dev/upstream/within/relock.py",
)
# The part of locks/toolchain.toml that only this repository needs begins with this line.
_DEBIAN = "# The exact versions of Debian's packages"
_OUR_PAGES = re.compile(r"docs/reference/\w+\.md")


@dataclass(frozen=True)
class Written:
    """One file of the folder. `name` is its path in the checkout."""

    name: str
    text: str
    executable: bool = False


@dataclass(frozen=True)
class Choice:
    """The track whose lock the folder gets, and the requirements of the checkout that this lock does not satisfy."""

    track: str
    missing: tuple[Unmet, ...]


def choose_track(project: Project, checkout: Checkout) -> Choice:
    """Return the track whose lock satisfies the most requirements; if two tracks satisfy equally many, the newer track.

    Raises CommandError if a requirement of the checkout cannot be read.
    """
    build = read_lock(project.lock("build"))
    choices = [
        Choice(
            track, tuple(unmet(checkout.pyproject, extras_of(project, track), read_lock(project.lock(track)), build))
        )
        for track in project.released_tracks
    ]
    return min(reversed(choices), key=lambda one: len(one.missing))


def files(project: Project, track: str) -> list[Written]:
    """Return every file of the folder, sorted by name. `locks/checkout.txt` is the lock of `track` without libp2p."""
    made = {
        ".gitignore": ".cache/\n.venv*/\n__pycache__/\n",
        "Dockerfile": dockerfile(project, project.pythons[track]),
        "Dockerfile.dockerignore": (_HERE / "dockerignore").read_text(encoding="utf-8"),
        "README.md": _TEMPLATES.get_template("README.md.j2").render(),
        "images.yaml": _TEMPLATES.get_template("images.yaml.j2").render(_combinations(track)),
        "pyproject.toml": _TEMPLATES.get_template("pyproject.toml.j2").render(
            _groups(project, track) | {"python": project.pythons[track]}
        ),
        "locks/build.txt": _own(_named(project, "build", "build")),
        f"locks/{TRACK}.txt": _own(_named(project, track, TRACK)),
        "locks/tools.txt": _own(_tools(read_lock(project.lock("tools")))),
        "locks/toolchain.toml": _own(_toolchain(project)),
    }
    found = [Written(f"{FOLDER}/{name}", text) for name, text in made.items()]
    found.append(Written(f"{FOLDER}/relock", (_HERE / "within" / "relock").read_text(encoding="utf-8"), True))
    for path in _copied(project.root):
        name = path.relative_to(project.root).as_posix()
        executable = path.stat().st_mode & 0o100 != 0
        found.append(Written(f"{FOLDER}/{name}", _own(path.read_text(encoding="utf-8")), executable))
    return sorted(found, key=lambda one: one.name)


def _copied(root: Path) -> Iterator[Path]:
    for pattern in _COPIED:
        found = sorted(root.glob(pattern))
        if not found:
            raise CommandError(f"{pattern}: expected a file in {root}, found none; restore it from git")
        yield from found


def _own(text: str) -> str:
    """Return a text with the changes that the folder needs.

    `interop/transport/relock` replaces `scripts/lock`. After the path of a page of this repository, the function adds
    the name of this repository, because the folder does not contain the page.
    """
    return _OUR_PAGES.sub(r"\g<0> of py-libp2p-ping-test", text.replace("scripts/lock", RELOCK))


def _named(project: Project, lock: str, name: str) -> str:
    """Return the text of this repository's lock `lock`, changed for the group `name` of the folder's pyproject.toml.

    The result does not contain libp2p.
    """
    text = project.lock(lock).read_text(encoding="utf-8")
    text = text.replace(f"the group {lock} of", f"the group {name} of")
    text = re.sub(r"\S+ \(pyproject\.toml:[\w-]+\)", f"{FOLDER} (pyproject.toml:{name})", text)
    # The group of the folder has other requirements, so the digest in the text would be wrong.
    text = re.sub(r"(?m)^# The requirements of this group have the digest .*\n", "", text)
    return re.sub(r"(?m)^libp2p==.*\n(?: .*\n)*", "", text)


def _tools(lock: Lock) -> str:
    """Return the text of a lock that has only the tools that the folder needs."""
    pins = "\n".join(lock.pins[name].text for name in ("packaging", "uv"))
    return f"# Made by scripts/lock from the group tools of pyproject.toml.\n--only-binary :all:\n\n{pins}\n"


def _toolchain(project: Project) -> str:
    text = (project.root / "locks" / "toolchain.toml").read_text(encoding="utf-8")
    kept, mark, _ = text.partition(_DEBIAN)
    if not mark:
        raise CommandError(f"locks/toolchain.toml: expected the line {_DEBIAN!r}, found none; restore it from git")
    return kept.rstrip() + "\n"


def _groups(project: Project, track: str) -> dict[str, list[str]]:
    extras = extras_of(project, track)
    library = f"libp2p[{','.join(extras)}]" if extras else "libp2p"
    return {"requirements": [library, "redis", "trio"], "build": sorted(_asked_by_us(project))}


def _asked_by_us(project: Project) -> set[str]:
    table = tomllib.loads((project.root / "pyproject.toml").read_text(encoding="utf-8"))
    return {Requirement(one).name for one in table["dependency-groups"]["build"]}


def _combinations(track: str) -> dict[str, list[str]]:
    """Return the transports, secure channels and muxers with which `track` can dial itself without a known limit.

    Plaintext is left out, because no other implementation in unified-testing has it. webrtc-direct is left out, because
    unified-testing no longer tests it.
    """
    tests = [one for one in every_test(track, track) if one.limit is None]
    tests = [one for one in tests if one.transport is not Transport.WEBRTC_DIRECT]
    tests = [one for one in tests if one.secure_channel is not SecureChannel.PLAINTEXT]
    return {
        "transports": list(dict.fromkeys(one.transport.value for one in tests)),
        "secure_channels": list(
            dict.fromkeys(one.secure_channel.value for one in tests if one.secure_channel is not None)
        ),
        "muxers": list(dict.fromkeys(one.muxer.value for one in tests if one.muxer is not None)),
    }
