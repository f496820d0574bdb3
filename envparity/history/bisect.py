"""`envparity bisect`: runs a command in environments as of past instants, and finds the release that broke it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from envparity.errors import EnvparityError
from envparity.history.artefacts import Artefacts
from envparity.history.cache import Archive
from envparity.history.instant import to_minute
from envparity.history.record import Event
from envparity.history.run import Asked, Past, Tell, Window, window
from envparity.history.story import Story, caused
from envparity.history.trial import Laboratory, State, Trial
from envparity.history.walk import Walk, walk
from envparity.index.clients import IndexClients
from envparity.project.config import Config
from envparity.text import visible

SCHEMA: Literal["envparity-bisection-1"] = "envparity-bisection-1"


@dataclass(frozen=True)
class Bisection:
    """The result of a search between `good`, an instant at which a command passed, and `bad`, at which it failed.

    `events` has the one event (change of the resolved releases) that broke the command. It has several events if the
    command could not judge the environments between these events. `unsteady` is an instant at which the command both
    passed and failed with the same releases, or None. If it is not None, the releases alone do not decide whether the
    command passes, and `events` is empty. `between` is the number of changes from `good` to `bad`.
    """

    schema: Literal["envparity-bisection-1"]
    requirements: tuple[str, ...]
    command: tuple[str, ...]
    installer: str
    good: datetime
    bad: datetime
    between: int
    trials: tuple[Trial, ...]
    events: tuple[Event, ...]
    unsteady: datetime | None

    @property
    def found(self) -> bool:
        """Return whether bisect found the one event that broke the command."""
        return len(self.events) == 1


def bisect(
    config: Config,
    asked: Asked,
    command: Sequence[str],
    *,
    installer: str,
    again: int,
    timeout: float,
    tell: Tell | None = None,
) -> Bisection:
    """Find the event that broke `command`.

    `asked` has the options of the command line, and `installer` is pip or uv. `again` is how many more times the
    command runs on each side of the event, to see whether the outcome is steady. `timeout` is in seconds, for one run
    of the command. `tell` receives a line about each step. Raise EnvparityError if the command line is incomplete, if
    nothing changed between the two instants, or if the index or an installer is missing. Raise EnvparityError, too, if
    the command does not pass at the earlier instant or does not fail at the later instant.
    """
    if not command:
        raise EnvparityError("bisect: expected -- COMMAND at the end of the command line, found none")
    wanted = window(config, asked, ("--good", "--bad"))
    if wanted.since is None or wanted.until is None:
        raise EnvparityError("bisect: expected --good and --bad, found only one of them")
    with IndexClients() as clients:
        past = Past(wanted, clients, tell)
        walked = walk(past.resolve, wanted.since, wanted.until, wanted.question.names, clients.stop)
        laboratory = Laboratory(wanted.question, installer, command, timeout, clients)
        search = _Search(laboratory.run, _states(walked, wanted.since, wanted.until), again, tell)
        low, high = search.run()
        unsteady = search.unsteady
        events = () if unsteady else tuple(_events(walked, low, high, wanted, clients))
    return Bisection(
        schema=SCHEMA,
        requirements=tuple(map(visible, wanted.question.requirements)),
        command=tuple(map(visible, command)),
        installer=installer,
        good=wanted.since,
        bad=wanted.until,
        between=len(walked.turns),
        trials=tuple(search.trials),
        events=events,
        unsteady=unsteady,
    )


def _states(walked: Walk, since: datetime, until: datetime) -> list[State]:
    """Return the environments of the period, oldest first. The first has the instant `since`, the last has `until`."""
    last = len(walked.turns) - 1
    return [
        State(since, (), walked.first),
        *(
            State(turn.instant if number < last else until, caused(turn), turn.after)
            for number, turn in enumerate(walked.turns)
        ),
    ]


def _events(walked: Walk, low: int, high: int, wanted: Window, clients: IndexClients) -> list[Event]:
    """Return the events between the states with the numbers `low` and `high`, with the collisions of import names."""
    states = [walked.first, *(turn.after for turn in walked.turns)]
    with Artefacts(Archive(wanted.cache), clients, wanted.question.series) as artefacts:
        for state in states[low : high + 1]:
            artefacts.want(state.selected)
        contents = artefacts.finish()
    part = Walk(states[low], walked.turns[low:high], walked.stretches)
    return Story(part, contents, wanted.question, wanted.root).events


class _Search:
    """A search by halving, between a state (the environment as of an instant) that passes and a state that fails."""

    def __init__(
        self, run: Callable[[State], Trial], states: Sequence[State], again: int, tell: Callable[[str], None] | None
    ) -> None:
        self._run = run
        self._states = states
        self._again = again
        self._tell = tell
        self.trials: list[Trial] = []

    def run(self) -> tuple[int, int]:
        """Return the numbers of the last state that passes and of the first state that fails.

        The command could not judge the states between these two. If `unsteady` ended the search early, there may also
        be states between them that the search did not try.

        Raise EnvparityError if there is only one state, if the first state does not pass, or if the last state does not
        fail.
        """
        low, high = 0, len(self._states) - 1
        if high == 0:
            raise EnvparityError(
                "bisect: expected a change between --good and --bad, found the same environment at both"
            )
        self._expect("--good", low, passed=True)
        self._expect("--bad", high, passed=False)
        left = set(range(1, high))
        while left and self.unsteady is None:
            middle = (low + high) / 2
            at = min(sorted(left), key=lambda index: abs(index - middle))
            passed = self._try(at).passed
            left.discard(at)
            if passed is not None:
                low, high = (at, high) if passed else (low, at)
                left = {index for index in left if low < index < high}
        for at in (low, high):
            self._repeat(at)
        return low, high

    @property
    def unsteady(self) -> datetime | None:
        """Return an instant at which the command both passed and failed, or None."""
        seen: dict[datetime, set[bool]] = {}
        for trial in self.trials:
            if trial.passed is not None:
                seen.setdefault(trial.as_of, set()).add(trial.passed)
        return next((at for at, outcomes in seen.items() if len(outcomes) > 1), None)

    def _repeat(self, at: int) -> None:
        """Try the state with the number `at` up to `_again` times more, each time in a new environment.

        Stop when any state both passed and failed.
        """
        for _ in range(self._again):
            if self.unsteady is None:
                self._try(at)

    def _expect(self, option: str, at: int, *, passed: bool) -> None:
        if self.unsteady is not None:
            return
        found = self._try(at)
        if found.passed is passed:
            return
        if found.passed is not None:
            self._repeat(at)
        if self.unsteady is None:
            status = f"status {found.status}: " if found.status is not None else ""
            raise EnvparityError(
                f"{option}: expected the command to {'pass' if passed else 'fail'} as of {to_minute(found.as_of)}, "
                f"found that it {found.word}: {status}{found.said}"
            )

    def _try(self, at: int) -> Trial:
        state = self._states[at]
        if self._tell is not None:
            self._tell(f"trial {len(self.trials) + 1}: installing the releases as of {to_minute(state.as_of)}")
        self.trials.append(self._run(state))
        return self.trials[-1]
