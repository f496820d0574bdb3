"""The facts of an incident: they hold no path of a machine and no address, so that pages can be made from them."""

from dataclasses import dataclass
from typing import Literal

SCHEMA: Literal["incident-1"] = "incident-1"


@dataclass(frozen=True)
class Ran:
    """One command as a person would type it, with `ENV` for the environment's folder, and the lines worth reading."""

    command: str
    status: int
    said: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Frame:
    """Where an exception was raised: `file` is relative to site-packages."""

    file: str
    line: int
    function: str
    source: str


@dataclass(frozen=True)
class CallResult:
    """What a call gave: its value, or the exception and the last frame of its traceback."""

    value: str | None
    error: str | None
    frame: Frame | None


@dataclass(frozen=True)
class Contested:
    """A path that several distributions claim; `there` are those whose bytes it has."""

    path: str
    claimants: tuple[str, ...]
    there: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """One finding of envparity."""

    severity: str
    code: str
    message: str


@dataclass(frozen=True)
class Observation:
    """What one environment does and what tools report on it; observing it changes nothing in it."""

    distributions: int
    importing: CallResult
    """`import libp2p`"""
    peer_id: CallResult
    """`ID.from_pubkey(key)`, the key always the same"""
    checks: tuple[Ran, ...]
    """`pip check` and `uv pip check`"""
    contested: tuple[Contested, ...]
    torn: bool
    findings: tuple[Found, ...]
    notes: int
    paths: tuple[str, ...]
    """The requirement paths that brought py-multihash in."""

    @property
    def winners(self) -> tuple[str, ...]:
        """Whose bytes the contested files have."""
        return tuple(sorted({owner for one in self.contested for owner in one.there}))


@dataclass(frozen=True)
class Made:
    """An environment, by the installer that made it."""

    installer: str
    install: Ran
    seen: Observation


@dataclass(frozen=True)
class Stray:
    """The file that a shell makes of an unquoted `>=`: it holds what pip printed."""

    name: str
    size: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Workaround:
    """The image's workaround, typed as it was, on pip's environment."""

    ran: Ran
    strays: tuple[Stray, ...]
    seen: Observation


@dataclass(frozen=True)
class Race:
    """`runs` installs by uv, so many wheels at a time: how often which distribution won, and how often neither did.

    `seconds` is the median of one install. `won` counts runs in which all contested files are of one distribution.
    """

    at_once: int
    runs: int
    won: dict[str, int]
    torn: int
    seconds: float


@dataclass(frozen=True)
class Introduced:
    """The release of multiaddr that brought py-multihash in, when it was uploaded (UTC), and the release before it."""

    release: str
    uploaded: str | None
    before: str | None


@dataclass(frozen=True)
class Incident:
    """Everything that one run of the incident saw."""

    schema: Literal["incident-1"]
    as_of: str
    requirement: str
    python: str
    platform: str
    cpus: int
    installers: dict[str, str]
    resolving: Ran
    resolved: tuple[str, ...]
    introduced: Introduced
    pip: Made
    uv: Made
    workaround: Workaround
    race_as_of: str
    race_requirement: str
    races: tuple[Race, ...]
    seconds: float
