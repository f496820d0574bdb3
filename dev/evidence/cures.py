"""The cures for a collision: libp2p 0.4.0 brings in py-multihash and pymultihash, which write the same files.

A cure is a change of the requirements. The code tries each cure with the releases up to a given day. It records the
versions that the requirements resolve to, and whether the environment works.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dev.incident.facts import Observation
from dev.incident.installers import Installers, install_with_pip, install_with_uv, resolve
from dev.incident.look import observe
from dev.incident.stages import AS_OF

THEN = AS_OF
# uv leaves a distribution out if an override gives it a marker that is never true.
_LEFT_OUT = "py-multihash ; python_version < '3'"


@dataclass(frozen=True)
class Cure:
    """The requirements of one cure.

    `override` is None, or a requirement that replaces every requirement of the same name in the metadata of
    distributions.
    """

    name: str
    requirements: tuple[str, ...]
    override: str | None = None

    def folder(self, as_of: str) -> str:
        """Return the name of the folder in which `make` creates the environment; `as_of` is in ISO 8601."""
        return f"{self.name.replace(' ', '-')}-{as_of[:10]}"


CURES = (
    Cure("nothing", ("libp2p==0.4.0",)),
    Cure("multiaddr pinned", ("libp2p==0.4.0", "multiaddr==0.0.12")),
    Cure("multiaddr and py-cid pinned", ("libp2p==0.4.0", "multiaddr==0.0.12", "py-cid<0.4")),
    Cure("py-multihash overridden", ("libp2p==0.4.0",), _LEFT_OUT),
)
LATER = (
    Cure("libp2p 0.5.0", ("libp2p==0.5.0",)),
    Cure("libp2p 0.8.1", ("libp2p==0.8.1",)),
)


@dataclass(frozen=True)
class Tried:
    """The result of one cure with the releases up to the instant `as_of`.

    `versions` has the version of each resolved distribution, and `seen` says how the environment behaves.
    """

    cure: Cure
    as_of: str
    installer: str
    versions: dict[str, str]
    seen: Observation


@dataclass(frozen=True)
class Cures:
    """The results of every cure with the releases up to `today`.

    The cures in CURES are also tried with the releases up to THEN, the day on which libp2p failed.
    """

    today: str
    tried: tuple[Tried, ...]

    def find(self, name: str, as_of: str) -> Tried:
        """Return the result of the cure `name` with the releases up to the instant `as_of`.

        Raises StopIteration if this cure was not tried.
        """
        return next(one for one in self.tried if (one.cure.name, one.as_of) == (name, as_of))


def try_cures(installers: Installers, folder: Path, today: str, tell: Callable[[str], None]) -> Cures:
    """Make the environment of every cure in `folder`, observe it, and leave it there.

    `today` is an instant in ISO 8601. `tell` receives a line before each environment. Raises CommandError if an
    environment cannot be made, and EnvparityError if envparity cannot read an environment.
    """
    found: list[Tried] = []
    for cure, as_of in [
        *((cure, when) for cure in CURES for when in (THEN, today)),
        *((cure, today) for cure in LATER),
    ]:
        tell(f"{cure.name} as of {as_of[:10]}")
        found.append(make(installers, folder, cure, as_of))
    return Cures(today, tuple(found))


def make(installers: Installers, folder: Path, cure: Cure, as_of: str) -> Tried:
    """Make the environment of one cure in `folder`, observe it, and leave it there.

    Raises CommandError if the environment cannot be made, and EnvparityError if envparity cannot read the environment.
    """
    name = cure.folder(as_of)
    own = folder / f"{name}-files"
    own.mkdir(parents=True)
    override: list[str | Path] = []
    if cure.override:
        (own / "override.txt").write_text(f"{cure.override}\n", encoding="utf-8")
        override = ["--override", own / "override.txt"]
    _, pins = resolve(installers, cure.requirements, as_of, own, override)
    if override:  # pip has no option to override requirements
        install_with_uv(installers, folder / name, cure.requirements, as_of, own, override)
    else:
        install_with_pip(installers, folder / name, cure.requirements, as_of, own)
    return Tried(
        cure=cure,
        as_of=as_of,
        installer="uv" if cure.override else "pip",
        versions=dict(sorted(pin.partition(";")[0].strip().split("==") for pin in pins)),
        seen=observe(installers, folder / name, name, own),
    )
