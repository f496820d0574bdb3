"""The facts that `scripts/incident` observes when it reproduces the incident of November 2025.

In the incident, libp2p 0.4.0 failed because py-multihash and pymultihash write the same files. The facts contain no
path or address of a machine, so pages can be generated from them.
"""

from dataclasses import dataclass
from typing import Literal

SCHEMA: Literal["incident-1"] = "incident-1"


@dataclass(frozen=True)
class Ran:
    """One command as a person would type it, its exit status, and in `said` the important lines of its output.

    In `command`, `ENV` stands for the environment's folder. `seconds` is the time that the command took.
    """

    command: str
    status: int
    said: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Frame:
    """The place where an exception was raised; `file` is relative to site-packages, `source` is the line of code."""

    file: str
    line: int
    function: str
    source: str


@dataclass(frozen=True)
class CallResult:
    """The result of a call: the value as text, or the exception and the last frame of its traceback.

    If the call raised an exception, `value` is None. Otherwise, `error` and `frame` are None.
    """

    value: str | None
    error: str | None
    frame: Frame | None


@dataclass(frozen=True)
class Contested:
    """A path that several distributions (`claimants`) list in their RECORDs, with different hashes.

    `there` names the claimants whose hash the installed file has. It is empty if the file has another hash.
    """

    path: str
    claimants: tuple[str, ...]
    there: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """One problem that envparity found, with only the parts that the pages show; `severity` is `error` or `note`."""

    severity: str
    code: str
    message: str


@dataclass(frozen=True)
class Observation:
    """The behaviour of one environment, and the reports of tools about it. Observing an environment changes nothing.

    `findings` has the errors that envparity found, and `notes` counts its other findings. `torn` is true if some
    contested files have the bytes of one distribution and some have those of another.
    """

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
    """At most three requirement paths by which py-multihash came in; empty if it is not installed.

    Example: `libp2p -> multiaddr>=0.0.11 (0.1.0) -> py-multihash (2.0.1)`.
    """

    @property
    def winners(self) -> tuple[str, ...]:
        """Return the distributions whose bytes the contested files have, sorted."""
        return tuple(sorted({owner for one in self.contested for owner in one.there}))


@dataclass(frozen=True)
class Made:
    """One environment: the name and version of its installer, the install command, and the observation."""

    installer: str
    install: Ran
    seen: Observation


@dataclass(frozen=True)
class Stray:
    """The file that a shell creates for the unquoted `>=` in a pip command; the file holds pip's output.

    `size` is in bytes, and `lines` are the important lines of the file.
    """

    name: str
    size: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Workaround:
    """The workaround of the Docker image of November 2025, run unchanged on a copy of the environment that pip made."""

    ran: Ran
    strays: tuple[Stray, ...]
    seen: Observation


@dataclass(frozen=True)
class Race:
    """The outcomes of `runs` installs by uv, each with up to `at_once` wheels at the same time.

    `won` counts, for each distribution, the runs after which all contested files had its bytes. `torn` counts the runs
    after which some of these files had the bytes of one distribution and some those of the other. `seconds` is the
    median duration of one install.
    """

    at_once: int
    runs: int
    won: dict[str, int]
    torn: int
    seconds: float


@dataclass(frozen=True)
class Introduced:
    """The first release of multiaddr that requires py-multihash, its upload time (UTC), and the release before it.

    `uploaded` is None if the index does not give the time. `before` is None if the release is the oldest.
    """

    release: str
    uploaded: str | None
    before: str | None


@dataclass(frozen=True)
class Incident:
    """All facts that one run of `scripts/incident` observed.

    The installers ignore releases after `as_of`; in the repeated installs by uv, they ignore releases after
    `race_as_of`. `resolved` has lines `name==version`, and `installers` maps pip and uv to their versions. `seconds` is
    the duration of the run.
    """

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
