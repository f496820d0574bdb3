"""The plan of `envparity fix`: the commands that fix the findings about one environment, each once, in a safe order."""

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from envparity.fix.fix import Fix, Kind
from envparity.fix.fixes import WITHOUT_COMMAND
from envparity.fix.installer import with_names, without_names
from envparity.judge.findings import Finding

# `unset` comes first, because it changes only the shell. Files are deleted before an installation, because an installer
# may fail if a wrong file has the path of a new file.
_ORDER: tuple[Kind, ...] = (
    "unset",
    "remake",
    "permit",
    "rename",
    "delete",
    "uninstall",
    "sync",
    "reinstall",
    "install",
    "none",
)
_UNKNOWN = "envparity knows no command that is right here; `envparity explain {code}` says what to do."


@dataclass(frozen=True)
class Step:
    """A fix, and all findings that the fix repairs."""

    fix: Fix
    answers: tuple[Finding, ...]


@dataclass(frozen=True)
class Left:
    """A finding that no command fixes, and the reason."""

    finding: Finding
    reason: str


@dataclass(frozen=True)
class Plan:
    """The steps in the order in which they must run, and the findings that no step fixes."""

    steps: tuple[Step, ...]
    left: tuple[Left, ...]

    @property
    def commands(self) -> tuple[str, ...]:
        """Return the commands of all steps. A command of several steps is in the result only once."""
        return tuple(dict.fromkeys(command for step in self.steps for command in step.fix.commands))


def make_plan(findings: Iterable[Finding], *, notes: bool = False) -> Plan:
    """Return the plan for the findings that make the exit status 1 (`Finding.fails`).

    With `notes`, the plan is for every finding that the project does not accept. The plan leaves out two kinds of
    findings without a command: a note, and an error that follows from another finding.
    """
    steps: list[Step] = []
    left: list[Left] = []
    wanted = [one for one in findings if one.fails or (notes and one.accepted is None)]
    for one in sorted(wanted, key=_rank):
        if one.fixes and one.fixes[0].commands:
            _add(steps, one.fixes[0], one)
        elif one.fails and one.because is None:
            reason = one.fixes[0].says if one.fixes else WITHOUT_COMMAND.get(one.code)
            left.append(Left(one, reason or _UNKNOWN.format(code=one.code)))
    return Plan(tuple(_merged(steps)), tuple(left))


def _rank(one: Finding) -> tuple[int, bool]:
    # Of two fixes of one kind, the fix that deletes paths comes first. Otherwise a reinstallation by the other fix may
    # delete these paths, and then the command `rm` would fail.
    return (_ORDER.index(one.fixes[0].kind), not one.fixes[0].paths) if one.fixes else (len(_ORDER), False)


def _add(steps: list[Step], fix: Fix, one: Finding) -> None:
    """Add a step for the finding, or add the finding to a step that fixes it already."""
    for number, step in enumerate(steps):
        made_again = step.fix.kind == "remake" and fix.kind != "unset"
        uninstalled = _uninstalls(step.fix, fix, one)
        if made_again or uninstalled or set(fix.commands) <= set(step.fix.commands) or _installs_again(step.fix, fix):
            steps[number] = Step(step.fix, (*step.answers, one))
            return
    steps.append(Step(fix, (one,)))


def _installs_again(earlier: Fix, later: Fix) -> bool:
    """Return whether `earlier` writes every file that the reinstallation `later` would write."""
    if later.kind != "reinstall" or earlier.kind != "reinstall" or later.paths:
        return False
    forgets = {one for one in later.commands if one.startswith("uv cache ")}
    return forgets <= set(earlier.commands) and {*map(_name, later.distributions)} <= {
        *map(_name, earlier.distributions)
    }


def _uninstalls(earlier: Fix, later: Fix, found: Finding) -> bool:
    """Return whether `earlier` uninstalls each distribution of the finding, and `later` only installs them again."""
    if earlier.kind != "uninstall" or later.kind not in ("install", "reinstall") or later.paths:
        return False
    gone = {_name(spec) for spec in earlier.distributions if "=" not in spec}
    return bool(found.distributions) and {*map(_name, found.distributions)} <= gone


def _merged(steps: Iterable[Step]) -> list[Step]:
    """Return the steps. Join steps whose last commands are the same installation, so that it runs only once."""
    found: dict[str, Step] = {}
    for step in steps:
        last, names = without_names(step.fix.commands[-1])
        earlier = found.pop(last, None)  # the earlier step may also run later, together with this step
        if earlier is not None:
            names = (*without_names(earlier.fix.commands[-1])[1], *names)
            step = _both(earlier, step, with_names(last, names))  # noqa: PLW2901 - the joined step replaces this step
        found[last] = step
    return list(found.values())


def _both(one: Step, other: Step, last: str) -> Step:
    """Return two steps as one, whose last command is `last`."""
    before = dict.fromkeys((*one.fix.commands[:-1], *other.fix.commands[:-1]))
    fix = Fix(
        other.fix.kind,
        " ".join(dict.fromkeys((one.fix.says, other.fix.says))),
        (*before, last),
        tuple(dict.fromkeys((*one.fix.distributions, *other.fix.distributions))),
        tuple(dict.fromkeys((*one.fix.paths, *other.fix.paths))),
        other.fix.door,
    )
    return Step(fix, (*one.answers, *other.answers))


def _name(spec: str) -> str:
    return canonicalize_name(spec.partition("=")[0].partition(" ")[0])
