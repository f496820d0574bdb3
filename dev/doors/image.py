"""The image of a track: what the Dockerfile is given, and on which base it is built."""

import os
import re
import shlex
import ssl
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from dev.command.errors import CommandError
from dev.doors.engine import Engine
from dev.doors.offline.base import PYTHON
from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project
from dev.lockenv.source import read_source

NAME = "py-libp2p-ping-test"
# The machine's own certificate authorities, where it says that it has them; the first that is set counts.
AUTHORITIES = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
# Where packages come from, by the settings of the person's own clients.
_REGISTRIES = re.compile(
    r"(PIP|UV)_(DEFAULT_|EXTRA_)?INDEX(_URL)?|UV_INDEX_[A-Z0-9_]+_(USERNAME|PASSWORD)|UV_INDEX_STRATEGY"
    r"|PIP_TRUSTED_HOST|UV_INSECURE_HOST"
)
_BASE = re.compile(r"(?m)^FROM (\S+@sha256:[0-9a-f]{64}) AS pinned$")


@dataclass(frozen=True)
class Plan:
    """One build: its tag, the arguments of the Dockerfile, and further build contexts by name."""

    tag: str
    track: str
    target: str
    arguments: Mapping[str, str]
    contexts: Mapping[str, Path]


def tag_of(track: str) -> str:
    """What the image of a track is called, as the door `docker` calls it."""
    return f"{NAME}:{track}"


def make_plan(project: Project, track: str, base: str, target: str = "runtime") -> Plan:
    """What to build; CommandError or CommandError where it would not be the track."""
    project.check_track(track)
    _check_lock(project, track)
    arguments = {
        "BASE_IMAGE": base,
        "RUNTIME_BASE": "base" if base == PYTHON.tag else "bare",  # a stand-in has no pip to take out
        "TRACK": track,
        "SOURCE_DATE_EPOCH": project.toolchain.build_environment["SOURCE_DATE_EPOCH"],
        "LIBRARY": "locked",
        "LIBRARY_VERSION": _library(project, track),
        **{
            f"{group.upper()}_PACKAGES": " ".join(f"{name}={version}" for name, version in pins.items())
            for group, pins in packages(project).items()
        },
    }
    contexts: dict[str, Path] = {}
    tag = tag_of(track) if target == "runtime" else f"{tag_of(track)}-{target}"
    wanted = os.environ.get("LIBP2P_SOURCE")
    if wanted:
        read_source(wanted)
        arguments["LIBRARY_VERSION"] = "swapped"
        tag += "-swapped"
        if wanted.startswith("git+"):
            arguments |= {"LIBRARY": "git", "LIBP2P_SOURCE": wanted}
        else:
            arguments["LIBRARY"] = "context"
            contexts["libp2p"] = Path(wanted).expanduser().resolve()
    elif track in project.git_libraries:
        arguments["LIBRARY"] = "git"
    return Plan(tag, track, target, arguments, contexts)


def build(engine: Engine, project: Project, plan: Plan, *, fresh: bool = False, show: bool = False) -> str:
    """Build, and give the image's id; where it fails, what had the tag before has it still.

    `fresh` uses nothing that was built before, not even what was fetched.
    """
    with TemporaryDirectory() as name:
        secrets = list(_secrets(Path(name)))
        own = f"fresh-{os.getpid()}-{Path(name).name}"
        caches = {"CACHES": own} if fresh else {}
        command: list[str | Path] = ["buildx", "build", "--load", "--target", plan.target, "--tag", plan.tag]
        command += [
            word for key, value in {**plan.arguments, **caches}.items() for word in ("--build-arg", f"{key}={value}")
        ]
        command += [word for key, path in plan.contexts.items() for word in ("--build-context", f"{key}={path}")]
        command += [word for secret in secrets for word in ("--secret", secret)]
        command += ["--provenance=false", "--no-cache"] if fresh else ["--provenance=false"]
        try:
            engine.run([*command, project.root], purpose=f"building {plan.tag}", show=show)
        finally:
            if fresh:
                with suppress(CommandError):  # why it was not built is what counts
                    _drop(engine, own)
    found = engine.image(plan.tag)
    if found is None:
        raise CommandError(f"building {plan.tag}: expected the image to be there, found none of that name")
    return found


def _drop(engine: Engine, caches: str) -> None:
    """Take away the caches of one build, which no other uses."""
    told = engine.run(["buildx", "du", "--verbose"], purpose="listing the caches of the build")
    for one in told.split("\n\n"):
        if caches in one and (found := re.search(r"(?m)^ID:\s*(\S+)", one)):
            prune = ["buildx", "prune", "--force", "--all", "--filter", f"id={found[1]}"]
            engine.run(prune, purpose="removing a cache of the build")


def find_base(engine: Engine, project: Project, wanted: str | None) -> tuple[str, str | None]:
    """The base: the one wanted, the pinned one, or a stand-in that is here; and what is to be said of it."""
    return find_image(engine, "base", wanted, pinned_base(project), PYTHON.tag)


def find_image(engine: Engine, what: str, wanted: str | None, pinned: str, standin: str) -> tuple[str, str | None]:
    """An image that is here then: pulled where it was not; CommandError where it cannot be had."""
    if wanted:
        if engine.image(wanted) is None:
            engine.run(["pull", "--quiet", wanted], purpose=f"{what}: expected {wanted} here or to be had")
        return wanted, None
    if engine.image(pinned) is not None:
        return pinned, None
    if engine.image(standin) is not None:
        return standin, f"the {what} is a stand-in made of Debian's packages, {standin}, not {pinned}"
    try:
        engine.run(["pull", "--quiet", pinned], purpose=f"{what}: expected to pull {pinned}")
    except CommandError as error:
        raise CommandError(f"{error}; without an image registry, make a stand-in with: scripts/base-image") from error
    return pinned, None


def pinned_base(project: Project) -> str:
    """The base that the Dockerfile names, by its digest."""
    found = _BASE.search((project.root / "Dockerfile").read_text(encoding="utf-8"))
    if found is None:
        raise CommandError("Dockerfile: expected FROM IMAGE@DIGEST AS pinned, found none; restore it from git")
    return found[1]


def _check_lock(project: Project, track: str) -> None:
    """A lock that is not of the group would build another environment than the track's."""
    with (project.root / "pyproject.toml").open("rb") as file:
        group = tomllib.load(file)["dependency-groups"][track]
    lock = read_lock(project.lock(track))
    for text in group:
        try:
            wanted = Requirement(text)
        except InvalidRequirement as error:
            raise CommandError(f"pyproject.toml: expected requirements in the group {track}, found {text!r}") from error
        pin = lock.pins.get(canonicalize_name(wanted.name))
        if wanted.url is None and (pin is None or not wanted.specifier.contains(pin.version, prereleases=True)):
            found = f"{pin.name}=={pin.version}" if pin else "no such pin"
            raise CommandError(
                f"locks/{track}.txt: expected {wanted} as pyproject.toml has it, found {found}; lock again with: "
                "scripts/lock"
            )


def packages(project: Project) -> dict[str, dict[str, str]]:
    """The pins of Debian's packages, by what they are for; CommandError where there are none."""
    path = project.root / "locks" / "toolchain.toml"
    with path.open("rb") as file:
        groups = tomllib.load(file).get("debian", {})
    missing = [name for name in ("compiler", "python", "toolchain", "dev") if name not in groups]
    if missing:
        raise CommandError(f"{path}: expected the table [debian.{missing[0]}], found none; restore it from git")
    return {group: dict(pins) for group, pins in groups.items()}


def _library(project: Project, track: str) -> str:
    commit = project.git_libraries.get(track)
    return commit.rpartition("@")[2] if commit else read_lock(project.lock(track)).pins["libp2p"].version


def _secrets(folder: Path) -> Iterator[str]:
    """What the build may know and no layer: the machine's certificates, and where its clients take packages from."""
    for path in certificates():
        link = folder / "authorities"
        if "," in path:  # at which docker takes a secret apart
            link.symlink_to(path)
        yield f"id=ca,src={link if ',' in path else path}"
    if text := registries():
        yield f"id=registries,src={write_privately(folder / 'registries', text)}"


def registries() -> str:
    """Where the person's clients take packages from, for a shell to read; empty where nothing is set."""
    settings = {name: value for name, value in os.environ.items() if _REGISTRIES.fullmatch(name)}
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings.items())


def write_privately(path: Path, text: str) -> Path:
    """A file for nobody else: an index may be named with a password."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return path


def certificates() -> list[str]:
    """The file of the machine's own certificate authorities, if it has one; CommandError where it is none."""
    for name in AUTHORITIES:
        if path := os.environ.get(name):
            _check_certificates(name, _from_caller(path))
            return [_from_caller(path)]
    return []


def _from_caller(path: str) -> str:
    """A path of the person's, whose folder the script has left."""
    return str(Path(os.environ.get("CALLED_FROM", ".")).absolute() / path)


def _check_certificates(name: str, path: str) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except (OSError, ssl.SSLError) as error:
        raise CommandError(
            f"{name}: expected a file of certificates, found {path}: {error}; unset it or name the right one"
        ) from error


def tracks_of(project: Project, wanted: Sequence[str]) -> Sequence[str]:
    """The tracks to build: those named, or all whose library is a release."""
    return wanted or [track for track in project.tracks if track not in project.git_libraries]
