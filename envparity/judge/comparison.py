"""The `Comparison` class: several environments to compare, and facts about their differences.

A door is a way to reach an environment, for example a container. The project's toolchain file declares which tools may
differ between doors.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Unpack

from envparity.judge.findings import About, Finding, finding
from envparity.judge.rules import Rule, Severity
from envparity.judge.subject import Subject
from envparity.snapshot.types import Distribution
from envparity.text import listed

Values = Sequence[str | None]
"""One value for each door, in the order of the doors."""


@dataclass(frozen=True)
class Comparison:
    """The environments behind several doors: `subjects` has one environment for each door."""

    subjects: Sequence[Subject]

    @cached_property
    def running(self) -> "Comparison":
        """Return a comparison of only the doors whose Python ran.

        envparity can also read the files of an environment without starting a program of it. Such a snapshot has no
        versions of tools.
        """
        return Comparison([subject for subject in self.subjects if subject.snapshot.level == "inside"])

    @property
    def doors(self) -> tuple[str, ...]:
        """Return the names of the doors."""
        return tuple(subject.door for subject in self.subjects)

    def finding(self, rule: Rule, message: str, **about: Unpack[About]) -> Finding:
        """Return a finding that names all doors; `about` has the optional fields of the finding."""
        return finding(rule, message, self.doors, **about)

    def unequal(
        self,
        rule: Rule,
        what: str,
        values: Values,
        declared_for: str | None = None,
        paths: Iterable[str] = (),
        distributions: Iterable[str] = (),
    ) -> Finding:
        """Return a finding about a value that should be the same in each door.

        `what` begins the message, for example `expected the same gmp`. The finding is a note if the toolchain file
        declares that the tool `declared_for` may differ, otherwise an error.
        """
        reason = self.declared(declared_for) if declared_for else None
        because = f"; declared: {reason}" if reason else ""
        message = f"{what} in each door, found: {self.by_value(values)}{because}"
        severity = Severity.NOTE if reason else Severity.ERROR
        return self.finding(rule, message, paths=paths, distributions=distributions, severity=severity, declared=reason)

    def by_value(self, values: Values) -> str:
        """Return a text with each value after the doors that have it, for example `venv 1.2, docker and nix 1.3`."""
        words = ["none" if value is None else value for value in values]
        return ", ".join(f"{' and '.join(doors)} {value}" for value, doors in self._grouped(words))

    def agreement(self, values: Values) -> str:
        """Return a text that groups the doors with equal values, for example `venv; docker and nix`."""
        return "; ".join(" and ".join(doors) for _, doors in self._grouped(values))

    def difference(self, values: Values) -> str:
        """Return a text about the bytes of a file in each door, for example `different bytes in: venv; docker and nix`.

        `values` has None for a door that lacks the file. If some doors lack the file and all others have the same
        bytes, return the text of `presence`.
        """
        if None in values and len(set(values)) == 2:
            return self.presence([value is not None for value in values])
        return f"different bytes in: {self.agreement(values)}"

    def presence(self, found: Sequence[bool]) -> str:
        """Return a text that says which doors have a file: `present in venv, missing in nix`."""
        present, missing = (
            listed(door for door, has in zip(self.doors, found, strict=True) if has is wanted)
            for wanted in (True, False)
        )
        return f"present in {present}, missing in {missing}"

    def _grouped(self, values: Values) -> Iterable[tuple[str | None, list[str]]]:
        groups: dict[str | None, list[str]] = defaultdict(list)
        for door, value in zip(self.doors, values, strict=True):
            groups[value].append(door)
        return groups.items()

    def declared(self, tool: str) -> str | None:
        """Return the reason in the toolchain file why a tool may differ between doors; None if it may not differ."""
        found = self.subjects[0].config.tools.get(tool)
        return found.differ if found else None

    @cached_property
    def patch_levels_differ(self) -> bool:
        """Return whether doors run different patch levels of one series of Python, for example 3.11.2 and 3.11.9."""
        versions: dict[str, set[str]] = defaultdict(set)
        for subject in self.subjects:
            versions[subject.snapshot.interpreter.series].add(subject.snapshot.interpreter.version)
        return any(len(patches) > 1 for patches in versions.values())

    def installed(self, name: str) -> list[Distribution | None]:
        """Return the distribution with this canonical name in each door; None for a door that lacks it."""
        return [subject.snapshot.by_name.get(name) for subject in self.subjects]

    @cached_property
    def changed(self) -> frozenset[str]:
        """Return the names of the distributions whose versions differ between doors, or that some doors lack.

        The files of these distributions need no separate finding.
        """
        names = {name for subject in self.subjects for name in subject.snapshot.by_name}
        return frozenset(name for name in names if len({version_of(one) for one in self.installed(name)}) > 1)

    def builds(self, owner: str) -> list[dict[str, object] | None]:
        """Return, for each door, the notes of uv about how it built a distribution; None for a door without such notes.

        `owner` is the id of the distribution. Only uv writes such notes, and only if it builds from an sdist.
        """
        found = [subject.snapshot.by_id.get(owner) for subject in self.subjects]
        return [one.build if one else None for one in found]

    def build_settings_that_differ(self, owner: str) -> set[str]:
        """Return the names of the build settings that differ between doors, for example `compiler`."""
        settings: list[dict[str, object]] = []
        for build in self.builds(owner):
            recorded = (build or {}).get("config_settings")
            settings.append(recorded if isinstance(recorded, dict) else {})
        return {name for one in settings for name in one if len({repr(other.get(name)) for other in settings}) > 1}


def version_of(one: Distribution | None) -> str | None:
    """Return a distribution's version: None if the distribution is missing, `unknown` if it has no version."""
    return None if one is None else one.version or "unknown"
