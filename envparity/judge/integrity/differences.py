"""Compares files between doors. A transform or a build may explain why a file differs.

A door is a way to reach an environment, for example a container. A transform is a difference that has a known cause and
changes no program's behaviour. A build is the installation of a distribution from an sdist.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from packaging.utils import canonicalize_name

from envparity.judge import built, transform
from envparity.judge.comparison import Comparison, Values
from envparity.judge.findings import Finding
from envparity.judge.integrity.links import MOSTLY, is_written
from envparity.judge.rules import Rule, Rules
from envparity.judge.subject import folder_of, winner
from envparity.snapshot.types import File
from envparity.text import listed, some

RULES = Rules("integrity")
FILE_DIFFERS = RULES.error(
    "file-differs",
    title="different bytes in the doors",
    meaning="The same file of the same version has different bytes in the doors, and no finding of the family "
    "transform explains the difference. If the file matches the RECORD in each door, the doors installed different "
    "wheels, or somebody forged a RECORD.",
    fix="Install all doors from one lock with hashes. If the lock is a requirements file: `pip install "
    "--require-hashes -r LOCK`. LOCK is the path of the file. For another lock, use the program that made it, for "
    "example `uv sync`.",
    compared=True,
)
FILE_ONLY_IN = RULES.error(
    "file-only-in",
    title="in some doors only",
    meaning="Some doors do not have this file, although all doors have the distribution to which the file belongs.",
    fix="Install all doors from one lock.",
    compared=True,
)
MODE_DIFFERS = RULES.error(
    "mode-differs",
    title="different permissions in the doors",
    meaning="The permissions of the file differ between the doors. The permissions decide who may read or execute the "
    "file.",
    fix="Restore the permissions that the installer set, or install every door with the same umask.",
    compared=True,
)


def compare(doors: Comparison) -> Iterator[Finding]:
    """Yield findings about files that differ.

    One finding has all paths of a distribution that differ in the same way.
    """
    changed = _ChangedFiles(doors)
    groups: dict[tuple[Rule, str, str], dict[str, Values]] = defaultdict(dict)
    for path, found in changed.paths:
        for rule, words, values in changed.differences(path, found):
            whose = "" if rule in transform.RULES else changed.owner(path, found)
            groups[rule, whose, words][path] = values
    for (rule, whose, words), paths in groups.items():
        owners = whose.split(" and ") if whose else []
        severity, because, declared = (
            built.explanation(doors, whose) if rule is built.BUILT_ELSEWHERE else (None, None, None)
        )
        yield doors.finding(
            rule,
            f"{f'{listed(owners, 4)}: ' if owners else ''}{some(list(paths))}: {words}",
            paths=paths,
            distributions=owners,
            details=[f"{path}: {doors.by_value(values)}" for path, values in paths.items()],
            severity=severity,
            because=because,
            declared=declared,
        )


@dataclass(frozen=True)
class _ChangedFiles:
    """The files that are not the same in every door, and the rule that explains each difference."""

    doors: Comparison

    @cached_property
    def paths(self) -> list[tuple[str, list[File | None]]]:
        """Return each path that differs between doors, with the file of each door (None if the door lacks the file)."""
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
        """Yield each difference of a path: its rule, a text such as `different bytes in: a; b`, and each door's value.

        Yield nothing if another finding says that the file is missing, or that its distribution has another version.
        """
        present = [file for file in found if file is not None]
        if any(file.kind == "missing" or self._is_covered(file) for file in present):
            return
        if all(file.role == "venv" for file in present):
            values = [((file.sha256 or "")[:12] or file.kind) if file else None for file in found]
            yield transform.rule_of_venv_file(found), self.doors.difference(values), values
        elif len(present) < len(found):
            rule = transform.rule_of_absence(path) or FILE_ONLY_IN
            words = self.doors.presence([file is not None for file in found])
            yield rule, words, ["present" if file else "missing" for file in found]
        else:
            yield from self._unlike(path, present)

    def _unlike(self, path: str, present: Sequence[File]) -> Iterator[tuple[Rule, str, Values]]:
        """Yield each difference of a path that exists in every door."""
        if len({file.kind for file in present}) > 1:
            kinds = transform.TRANSFORM_INSTALLER if self._linked_by_installer(present) else FILE_DIFFERS
            values: Values = [file.kind for file in present]
            yield kinds, f"different kinds of file in: {self.doors.agreement(values)}", values
        if len({file.mode for file in present if file.kind != "link"}) > 1:
            values = [file.mode for file in present]
            yield MODE_DIFFERS, f"different permissions in: {self.doors.agreement(values)}", values
        if any(file.error is not None for file in present):
            return  # the check of each door reports the files that cannot be read
        if len({file.sha256 for file in present}) > 1:
            rule = self._rule_of_bytes(path, present)
            if rule is not None:
                values = [(file.sha256 or "")[:12] for file in present]
                yield rule, self.doors.difference(values), values
        elif len({file.bytecode for file in present}) > 1:
            values = [file.bytecode for file in present]
            states = f"bytecode in different states in: {self.doors.agreement(values)}"
            yield transform.TRANSFORM_BYTECODE, states, values

    def _linked_by_installer(self, present: Sequence[File]) -> bool:
        """Return whether a file is a link only in the doors in which most files of its distribution are links.

        Return False if the bytes of the file differ between the doors, or are unknown.
        """
        if present[0].sha256 is None or len({file.sha256 for file in present}) > 1:
            return False
        return all(
            file.kind == "file" or (file.kind == "link" and file.claims.keys() <= linked)
            for file, linked in zip(present, self._linked, strict=True)
        )

    @cached_property
    def _linked(self) -> list[set[str]]:
        """Return, for each door, the ids of the distributions whose files are mostly links."""
        found: list[set[str]] = []
        for subject in self.doors.subjects:
            files: Counter[str] = Counter()
            links: Counter[str] = Counter()
            for path, file in subject.snapshot.files.items():
                files.update(() if is_written(path) else file.claims.keys())
                links.update(file.claims.keys() if file.kind == "link" else ())
            found.append({owner for owner, count in links.items() if count >= MOSTLY * files[owner]})
        return found

    def _rule_of_bytes(self, path: str, present: Sequence[File]) -> Rule | None:
        """Return the rule for bytes that differ; None if the difference needs no finding.

        Two examples need no finding: an __init__.py that only makes a namespace package, and a RECORD that differs only
        because other files of its distribution differ.
        """
        if all(file.namespace == "only" and winner(file) for file in present):
            return None
        explained = transform.rule_of_bytes(self.doors, path, present)
        if explained is not None:
            return explained
        if path.endswith(".dist-info/RECORD") and self._record_follows(path):
            return None
        elf = all(file.elf is not None for file in present)
        return built.rule_of_build(self.doors, present, elf=elf) or FILE_DIFFERS

    def _record_follows(self, path: str) -> bool:
        """Return whether the RECORD at `path` differs because each door built the distribution and got other files."""
        one = self.doors.subjects[0].metadata.get(path.removesuffix("/RECORD"))
        return one is not None and one.id in self._rebuilt

    @cached_property
    def _rebuilt(self) -> set[str]:
        """Return the ids of the distributions that every door built, and whose files differ between the doors.

        A RECORD that differs does not count.
        """
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
        """Return whether every distribution that claims a file already has a finding about its version."""
        return bool(file.claims) and all(
            canonicalize_name(owner.partition("@")[0]) in self.doors.changed for owner in file.claims
        )

    def owner(self, path: str, found: Sequence[File | None]) -> str:
        """Return the ids of the distributions whose RECORD lists the path, joined with ` and `.

        If no RECORD lists the path, return the id of the distribution that has files in the path's top-level folder. If
        several distributions or none have files there, return an empty text.
        """
        owners = sorted({owner for file in found if file for owner in file.claims})
        return " and ".join(owners) if owners else self._folder_owner.get(folder_of(path), "")

    @cached_property
    def _folder_owner(self) -> dict[str, str]:
        """Return a dict from top-level folder to distribution id, for folders with files of only one distribution."""
        owners: dict[str, set[str]] = defaultdict(set)
        for path, file in self.doors.subjects[0].snapshot.files.items():
            for owner in file.claims:
                owners[folder_of(path)].add(owner)
        return {folder: next(iter(one)) for folder, one in owners.items() if len(one) == 1}
