"""The facts of an incident. They contain no path or address of a machine, so pages can be generated from them."""

from dataclasses import dataclass
from typing import Literal

SCHEMA: Literal["incident-1"] = "incident-1"


@dataclass(frozen=True)
class Ran:
    """One command as a person would type it, its exit status, and the lines of its output that are worth reading.

    In `command`, `ENV` stands for the environment's folder. `seconds` is the time that the command took.
    """

    command: str
    status: int
    said: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Frame:
    """The place where an exception was raised; `file` is relative to site-packages."""

    file: str
    line: int
    function: str
    source: str


@dataclass(frozen=True)
class CallResult:
    """The result of a call: its value, or the exception and the last frame of its traceback."""

    value: str | None
    error: str | None
    frame: Frame | None


@dataclass(frozen=True)
class Contested:
    """A path that several distributions claim; `there` names the claimants whose bytes the file really has."""

    path: str
    claimants: tuple[str, ...]
    there: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """One finding of envparity, reduced to the parts that the pages show."""

    severity: str
    code: str
    message: str


@dataclass(frozen=True)
class Observation:
    """The behaviour of one environment, and the reports of tools about it. Observing an environment changes nothing."""

    distributions: int
    importing: CallResult
    """The result of `import libp2p`."""
    peer_id: CallResult
    """The result of `ID.from_pubkey(key)`; the key is always the same."""
    checks: tuple[Ran, ...]
    """The results of `pip check` and `uv pip check`."""
    contested: tuple[Contested, ...]
    torn: bool
    findings: tuple[Found, ...]
    notes: int
    paths: tuple[str, ...]
    """The requirement paths by which py-multihash came in."""

    @property
    def winners(self) -> tuple[str, ...]:
        """Return the distributions whose bytes the contested files have, sorted."""
        return tuple(sorted({owner for one in self.contested for owner in one.there}))


@dataclass(frozen=True)
class Made:
    """An environment, the installer that made it, and the observation."""

    installer: str
    install: Ran
    seen: Observation


@dataclass(frozen=True)
class Stray:
    """The file that a shell creates for an unquoted `>=`; the file holds pip's output. `size` is in bytes."""

    name: str
    size: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Workaround:
    """The image's workaround, exactly as the image's recipe spells it, run on a copy of pip's environment."""

    ran: Ran
    strays: tuple[Stray, ...]
    seen: Observation


@dataclass(frozen=True)
class Race:
    """The outcomes of `runs` installs by uv, which installs up to `at_once` wheels at a time.

    `won` counts, for each distribution, the runs in which it wrote all contested files. `torn` counts the runs in which
    each distribution wrote some of them. `seconds` is the median duration of one install.
    """

    at_once: int
    runs: int
    won: dict[str, int]
    torn: int
    seconds: float


@dataclass(frozen=True)
class Introduced:
    """The first release of multiaddr that requires py-multihash, its upload time (UTC), and the release before it."""

    release: str
    uploaded: str | None
    before: str | None


@dataclass(frozen=True)
class Incident:
    """All facts that one run of `scripts/incident` observed."""

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
