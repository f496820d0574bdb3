"""The cures of the collision, each tried as of a day: the versions that it resolves to, and whether it works."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dev.incident.facts import Observation
from dev.incident.installers import Installers, install_with_pip, install_with_uv, resolve
from dev.incident.look import observe
from dev.incident.stages import AS_OF

THEN = AS_OF
# An override leaves a distribution out by a marker that is never true.
_LEFT_OUT = "py-multihash ; python_version < '3'"


@dataclass(frozen=True)
class Cure:
    """Requirements, and a line that overrides the requirements of other distributions, where one is needed."""

    name: str
    requirements: tuple[str, ...]
    override: str | None = None

    def folder(self, as_of: str) -> str:
        """Return the name of the folder that `make` puts its environment in."""
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
    """One cure as of an instant: the versions that it resolves to, by name, and how the environment behaves."""

    cure: Cure
    as_of: str
    installer: str
    versions: dict[str, str]
    seen: Observation


@dataclass(frozen=True)
class Cures:
    """Every cure, as of the day of the incident and as of `today`."""

    today: str
    tried: tuple[Tried, ...]

    def find(self, name: str, as_of: str) -> Tried:
        """Return one by the name of its cure and its instant."""
        return next(one for one in self.tried if (one.cure.name, one.as_of) == (name, as_of))


def try_cures(installers: Installers, folder: Path, today: str, tell: Callable[[str], None]) -> Cures:
    """Make each environment within `folder`, look at it, and leave it there."""
    found: list[Tried] = []
    for cure, as_of in [
        *((cure, when) for cure in CURES for when in (THEN, today)),
        *((cure, today) for cure in LATER),
    ]:
        tell(f"{cure.name} as of {as_of[:10]}")
        found.append(make(installers, folder, cure, as_of))
    return Cures(today, tuple(found))


def make(installers: Installers, folder: Path, cure: Cure, as_of: str) -> Tried:
    """Make one environment within `folder`, look at it, and leave it there."""
    name = cure.folder(as_of)
    own = folder / f"{name}-files"
    own.mkdir(parents=True)
    override: list[str | Path] = []
    if cure.override:
        (own / "override.txt").write_text(f"{cure.override}\n", encoding="utf-8")
        override = ["--override", own / "override.txt"]
    _, pins = resolve(installers, cure.requirements, as_of, own, override)
    if override:  # pip has no option for it
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
