"""Files that differ between doors, and why: by a transform, by a build, or for no known reason."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from packaging.utils import canonicalize_name

from envparity.judge import built, transform
from envparity.judge.comparison import Comparison, Values
from envparity.judge.findings import Finding, some
from envparity.judge.rules import Rule, Rules
from envparity.judge.subject import folder_of
from envparity.snapshot.types import File

RULES = Rules("integrity")
FILE_DIFFERS = RULES.error(
    "file-differs",
    title="not the same bytes in each door",
    meaning="The same file of the same version has different bytes in the doors, and no known transform explains it. "
    "If each matches its own RECORD, the doors installed different artefacts, or a RECORD was forged.",
    fix="Install both doors from one lock with hash checking on.",
    compared=True,
)
FILE_ONLY_IN = RULES.error(
    "file-only-in",
    title="not in each door",
    meaning="A file is in some doors only, although the distribution that it belongs to is in all of them.",
    fix="Install both doors from one lock.",
    compared=True,
)
MODE_DIFFERS = RULES.error(
    "mode-differs",
    title="not the same permissions in each door",
    meaning="Who may read or execute the file is not the same in each door.",
    fix="Set the permissions as the installer did, or install with the same umask.",
    compared=True,
)


def compare(doors: Comparison) -> Iterator[Finding]:
    """Yield the files that differ: one finding for all paths of one distribution that differ in the same way."""
    changed = _ChangedFiles(doors)
    groups: dict[tuple[Rule, str, str], dict[str, Values]] = defaultdict(dict)
    for path, found in changed.paths:
        for rule, what, values in changed.differences(path, found):
            whose = "" if rule in transform.RULES else changed.owner(path, found)
            groups[rule, whose, f"{what} {doors.agreement(values)}"][path] = values
    for (rule, whose, words), paths in groups.items():
        severity, because = built.explanation(doors, whose) if rule is built.BUILT_ELSEWHERE else (None, None)
        yield doors.finding(
            rule,
            f"{f'{whose}: ' if whose else ''}{some(list(paths))}: {words}",
            paths=paths,
            distributions=whose.split(" and ") if whose else [],
            details=[f"{path}: {doors.by_value(values)}" for path, values in paths.items()],
            severity=severity,
            because=because,
        )


@dataclass(frozen=True)
class _ChangedFiles:
    """The paths that are not the same in all doors, and what is known about them."""

    doors: Comparison

    @cached_property
    def paths(self) -> list[tuple[str, list[File | None]]]:
        """Each such path, with its file in each door."""
        return list(self._paths())

    def _paths(self) -> Iterator[tuple[str, list[File | None]]]:
        first, *others = (subject.snapshot.files for subject in self.doors.subjects)
        seen = 0
        for path, file in first.items():
            for other in others:
                if (found := other.get(path)) is None or found != file:
                    yield path, [files.get(path) for files in (first, *others)]
                    break
            else:
                seen += 1
        if any(len(other) != seen for other in others):
            for path in sorted({path for other in others for path in other} - first.keys()):
                yield path, [None, *(other.get(path) for other in others)]

    def differences(self, path: str, found: Sequence[File | None]) -> Iterator[tuple[Rule, str, Values]]:
        """Yield each difference of a path, with its value in each door; nothing if it follows from another finding."""
        present = [file for file in found if file is not None]
        if any(file.kind == "missing" or self._is_covered(file) for file in present):
            return  # its own door says that it is missing, or a finding says that its distribution differs
        if all(file.role == "venv" for file in present):
            values = [((file.sha256 or "")[:12] or file.kind) if file else None for file in found]
            yield transform.rule_of_venv_file(found), "other bytes:", values
        elif len(present) < len(found):
            rule = transform.rule_of_absence(path) or FILE_ONLY_IN
            yield rule, "not in each door:", ["there" if file else "missing" for file in found]
        else:
            yield from self._unlike(path, present)

    def _unlike(self, path: str, present: Sequence[File]) -> Iterator[tuple[Rule, str, Values]]:
        """Yield what differs about a path that every door has."""
        if len({file.kind for file in present}) > 1:
            yield FILE_DIFFERS, "not of one kind:", [file.kind for file in present]
        if len({file.mode for file in present if file.kind != "link"}) > 1:
            yield MODE_DIFFERS, "not of one mode:", [file.mode for file in present]
        if any(file.error is not None for file in present):
            return  # its own door says that it cannot be read
        if len({file.sha256 for file in present}) > 1:
            rule = self._rule_of_bytes(path, present)
            if rule is not None:
                yield rule, "other bytes:", [(file.sha256 or "")[:12] for file in present]
        elif len({file.bytecode for file in present}) > 1:
            yield transform.TRANSFORM_BYTECODE, "not judged alike:", [file.bytecode for file in present]

    def _rule_of_bytes(self, path: str, present: Sequence[File]) -> Rule | None:
        """Return why the bytes of a path differ; None if the finding is that other files differ."""
        explained = transform.rule_of_bytes(self.doors, path, present)
        if explained is not None:
            return explained
        if path.endswith(".dist-info/RECORD") and self._record_follows(path):
            return None
        elf = all(file.elf is not None for file in present)
        return built.rule_of_build(self.doors, present, elf=elf) or FILE_DIFFERS

    def _record_follows(self, path: str) -> bool:
        """Tell whether RECORDs differ only because the files that they list do: then those are the finding."""
        one = self.doors.subjects[0].metadata.get(path.removesuffix("/RECORD"))
        return one is not None and one.id in self._rebuilt

    @cached_property
    def _rebuilt(self) -> set[str]:
        """Ids of distributions that every door built itself and that differ in a file besides RECORD."""
        owners = {
            owner
            for path, found in self.paths
            if not path.endswith("/RECORD")
            for file in found
            if file is not None
            for owner in file.claims
        }
        return {owner for owner in owners if all(self.doors.builds(owner))}

    def _is_covered(self, file: File) -> bool:
        """Tell whether a finding about its distribution covers a file."""
        return bool(file.claims) and all(
            canonicalize_name(owner.partition("@")[0]) in self.doors.changed for owner in file.claims
        )

    def owner(self, path: str, found: Sequence[File | None]) -> str:
        """Return the distribution under which a difference is reported: its claimants, or whose package it lies in."""
        owners = sorted({owner for file in found if file for owner in file.claims})
        return " and ".join(owners) if owners else self._folder_owner.get(folder_of(path), "")

    @cached_property
    def _folder_owner(self) -> dict[str, str]:
        """Top-level folders that one distribution alone has files in."""
        owners: dict[str, set[str]] = defaultdict(set)
        for path, file in self.doors.subjects[0].snapshot.files.items():
            for owner in file.claims:
                owners[folder_of(path)].add(owner)
        return {folder: next(iter(one)) for folder, one in owners.items() if len(one) == 1}
