"""Makes the history that a command line asks for: the releases of a past period, and each change of them."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Lock

from envparity.errors import EnvparityError
from envparity.history.artefacts import Artefacts
from envparity.history.cache import Archive, Resolutions
from envparity.history.instant import now, read_instant, to_minute
from envparity.history.record import SCHEMA, Effort, History
from envparity.history.resolver import Question, Resolution, Resolver, read_question
from envparity.history.story import Story
from envparity.history.walk import Walk, walk
from envparity.index.clients import ClientMissing, ClientSilent, IndexClients, IndexUnreachable, uv_program
from envparity.project.config import Config
from envparity.project.folders import cache_folder
from envparity.text import visible

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Asked:
    """The options of a command line. Each text is as the person typed it; None or empty if it was not given."""

    requirements: tuple[str, ...] = ()
    track: str | None = None
    python: str | None = None
    since: str | None = None
    until: str | None = None
    watch: tuple[str, ...] = ()
    cache: str | None = None


@dataclass(frozen=True)
class Window:
    """A question and the period that it is about.

    `root` begins each requirement path (chain of requirements), for example `the track v0.4`.
    """

    question: Question
    since: datetime | None
    """The beginning of the period. If it is None, the period begins when the requirements began to resolve."""
    until: datetime | None
    """The end of the period. If it is None, the period ends at the present moment."""
    track: str | None
    root: str
    cache: Path


def window(config: Config, asked: Asked, options: tuple[str, str] = ("--since", "--until")) -> Window:
    """Return the question and the period that the options of a command line describe.

    `options` are the names of the options for the two instants. Raise EnvparityError if there is no requirement, if a
    requirement, the track, the Python version or an instant is not valid, or if the period ends before it begins.
    """
    track = config.check_track(asked.track)
    if asked.requirements and asked.track is None:
        track = None
    group = config.groups.get(track, ()) if track else ()
    if not (*group, *asked.requirements):
        raise EnvparityError("requirement: expected one such as 'libp2p==0.4.0', or --track TRACK, found none")
    current = now()
    since = read_instant(options[0], asked.since, current, end=False) if asked.since else None
    until = read_instant(options[1], asked.until, current, end=True) if asked.until else None
    if since is not None and since >= (until or current):
        raise EnvparityError(
            f"{options[0]}: expected a time before {options[1]} ({to_minute(until or current)}), "
            f"found {to_minute(since)}"
        )
    root = f"the track {track}" if track else "the requirement"
    series = asked.python or f"{sys.version_info[0]}.{sys.version_info[1]}"
    question = read_question((*group, *asked.requirements), series)
    return Window(question, since, until, track, root, _cache(config, asked.cache))


def _cache(config: Config, named: str | None) -> Path:
    """Return the folder for kept answers: `named`, or else `history` in the cache folder of the project or the user."""
    if named is not None:
        return Path(named).absolute()
    return cache_folder(config) / "history"


class Past:
    """The resolutions of one question, from the cache or else from uv; several threads may use it.

    The cache keeps every answer of uv that will not change. `tell` receives a line about each question to uv, and
    `asked` counts these questions. `used` maps the instant of each returned resolution to the resolution.
    """

    def __init__(self, window: Window, clients: IndexClients, tell: Tell | None) -> None:
        self._resolver = Resolver(window.question, clients)
        self._kept = Resolutions(window.cache, window.question, resolver_version())
        self._tell = tell
        self._lock = Lock()
        self.used: dict[datetime, Resolution] = {}
        self.asked = 0

    def resolve(self, instant: datetime) -> Resolution:
        """Return the resolution as of an instant, from the cache or from uv.

        Raise the errors of `Resolver.resolve`, and EnvparityError if the cache cannot be written.
        """
        found = self._kept.find(instant)
        asked = found is None
        if found is None:
            found = self._resolver.resolve(instant)
            self._kept.keep(found)
        with self._lock:
            self.used[found.asked] = found
            self.asked += asked
            said = f"{len(self.used)} resolutions, the last as of {to_minute(instant)}"
        if self._tell is not None and asked:
            self._tell(said)
        return found

    def latest(self) -> tuple[datetime, bool]:
        """Return the latest instant for which an answer is known, and whether this instant is now.

        If the index cannot be reached, return the latest instant in the cache. Raise IndexUnreachable if the cache is
        empty.
        """
        instant = now()
        try:
            self.resolve(instant)
        except IndexUnreachable:
            known = self._kept.latest()
            if known is None:
                raise
            return known.asked, False
        return instant, True


def history(config: Config, asked: Asked, tell: Tell | None = None) -> History:
    """Make the history that a command line asks for; `tell` receives a line about each step.

    Raise EnvparityError if the command line is not valid, or if uv, pip or the index is missing.
    """
    wanted = window(config, asked)
    clients = IndexClients()
    # The end of the block waits for the running fetch of `artefacts`. After an error, `clients` first stops this fetch.
    with Artefacts(Archive(wanted.cache), clients, wanted.question.series) as artefacts, clients:
        past = Past(wanted, clients, tell)
        known_until, until = None, wanted.until
        if until is None:
            until, reached = past.latest()
            known_until = None if reached else until
        walked = _walked(past, wanted, until, artefacts, clients)
        if tell is not None and artefacts.left():
            tell(f"reading what {artefacts.left()} wheels install")
        contents = artefacts.finish()
    story = Story(walked, contents, wanted.question, wanted.root)
    first, last = walked.first, walked.last
    return History(
        schema=SCHEMA,
        requirements=tuple(map(visible, wanted.question.requirements)),
        track=wanted.track,
        python=wanted.question.series,
        platform=wanted.question.platform,
        resolver=resolver_version(),
        since=wanted.since or (walked.turns[0].instant if walked.turns else until),
        until=until,
        known_until=known_until,
        first=first.versions,
        first_failure=first.failure,
        began=story.began,
        events=tuple(story.events),
        last=last.versions,
        remaining=story.remaining,
        watched=story.watched(asked.watch),
        unread=dict(sorted(artefacts.unread.items())),
        effort=Effort(len(past.used), past.asked, walked.stretches, len(contents)),
    )


def _walked(past: Past, wanted: Window, until: datetime, artefacts: Artefacts, clients: IndexClients) -> Walk:
    def resolve(instant: datetime) -> Resolution:
        found = past.resolve(instant)
        artefacts.want(found.selected)
        return found

    if wanted.since is not None and wanted.since >= until:
        raise EnvparityError(
            f"--since: expected a time before the index was last asked ({to_minute(until)}), "
            f"found {to_minute(wanted.since)}"
        )
    return walk(resolve, wanted.since, until, wanted.question.names, clients.stop)


@cache
def resolver_version() -> str:
    """Return uv's name and version; only `uv` if it cannot be run."""
    try:
        said = IndexClients().run([uv_program(), "--version"], timeout=30)
    except (ClientMissing, ClientSilent):
        return "uv"
    return " ".join(said.output.split()[:2])
