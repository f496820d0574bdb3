"""Two or more doors side by side: what is not the same in all of them, and what it follows from."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from packaging.utils import canonicalize_name

from envparity.judge.codes import Code, Family, Severity, rule
from envparity.judge.findings import Finding, accept, finding, in_order, some
from envparity.judge.subject import Subject, folder_of
from envparity.snapshot.types import Distribution, File

# The installer's own notes; no program's behaviour follows from them.
_INSTALLER_FILES = (
    "INSTALLER",
    "REQUESTED",
    "direct_url.json",
    "provenance_url.json",
    "uv_cache.json",
    "uv_build.json",
)


def compare(subjects: Sequence[Subject]) -> list[Finding]:
    """The differences between doors, those that the project accepts marked, errors first."""
    return in_order(accept(_Comparison(subjects).findings(), subjects[0].config.accept if subjects else ()))


@dataclass(frozen=True)
class _Comparison:
    subjects: Sequence[Subject]

    @property
    def doors(self) -> tuple[str, ...]:
        return tuple(subject.door for subject in self.subjects)

    def findings(self) -> Iterator[Finding]:
        yield from self._interpreters()
        yield from self._distributions()
        yield from self._files()
        yield from self._libraries()
        yield from self._toolchain()
        yield from self._behaviour()

    def _say(self, values: Sequence[str | None]) -> str:
        """`venv 1.2, docker and nix 1.3`: each value once, with the doors that have it."""
        groups: dict[str, list[str]] = defaultdict(list)
        for door, value in zip(self.doors, values, strict=True):
            groups[value if value is not None else "none"].append(door)
        return ", ".join(f"{' and '.join(doors)} {value}" for value, doors in groups.items())

    def _differ(self, tool: str) -> str | None:
        """Why doors may differ in a tool, as the toolchain file declares it."""
        declared = self.subjects[0].config.tools.get(tool)
        return declared.differ if declared else None

    # Interpreter

    def _interpreters(self) -> Iterator[Finding]:
        pythons = [subject.snapshot.interpreter for subject in self.subjects]
        kinds = [f"{one.implementation} {one.series} {one.platform}" for one in pythons]
        if len(set(kinds)) > 1:
            yield finding(
                Code.INTERPRETER_SERIES,
                f"expected one Python in each door, found: {self._say(kinds)}",
                doors=self.doors,
            )
        if self._another_patch:
            reason = self._differ("python")
            yield finding(
                Code.INTERPRETER_PATCH,
                f"expected one Python in each door, found: {self._say([one.version for one in pythons])}"
                + (f"; declared: {reason}" if reason else ""),
                doors=self.doors,
                severity=Severity.NOTE if reason else Severity.ERROR,
            )

    @cached_property
    def _another_patch(self) -> bool:
        versions: dict[str, set[str]] = defaultdict(set)
        for subject in self.subjects:
            versions[subject.snapshot.interpreter.series].add(subject.snapshot.interpreter.version)
        return any(len(patches) > 1 for patches in versions.values())

    # Distributions

    @cached_property
    def _installed(self) -> list[dict[str, Distribution]]:
        return [subject.snapshot.by_name for subject in self.subjects]

    @cached_property
    def _changed(self) -> set[str]:
        """Names of distributions that are not of one version in all doors: their files are no further finding."""
        names = {name for installed in self._installed for name in installed}
        return {name for name in names if len({_version(installed.get(name)) for installed in self._installed}) > 1}

    def _distributions(self) -> Iterator[Finding]:
        for name in sorted(self._changed):
            found = [installed.get(name) for installed in self._installed]
            because = self._by_marker(name, found)
            yield finding(
                Code.DISTRIBUTION_DIFFERS,
                f"expected {name} the same in each door, found: {self._say([_version(one) for one in found])}"
                + (f"; {because[0]}" if because else ""),
                paths=sorted({one.metadata for one in found if one}),
                distributions=[name],
                doors=self.doors,
                severity=Severity.NOTE if because and self._differ("python") else None,
                because=because[1] if because else None,
            )

    def _by_marker(self, name: str, found: Sequence[Distribution | None]) -> tuple[str, str] | None:
        """The lock's marker that explains why a distribution is in some doors only, if one does."""
        if not self._another_patch or any(subject.lock is None for subject in self.subjects):
            return None
        wanted = [subject.pins.get(name) for subject in self.subjects]
        if [pin is not None for pin in wanted] != [one is not None for one in found] or all(wanted):
            return None
        pin = next(pin for pin in wanted if pin)
        return f"the lock asks for it where {pin.requirement.marker}", Code.INTERPRETER_PATCH.value

    # Files

    def _files(self) -> Iterator[Finding]:
        groups: dict[tuple[Code, str, str], dict[str, Sequence[str | None]]] = defaultdict(dict)
        for path, found in self._different:
            for code, what, values in self._judge(path, found):
                whose = "" if rule(code).family is Family.TRANSFORM else self._whose(path, found)
                groups[code, whose, f"{what} {self._parting(values)}"][path] = values
        for (code, whose, said), paths in groups.items():
            severity, because = self._severity(code, whose)
            label = f"{whose}: " if whose else ""
            yield finding(
                code,
                f"{label}{some(list(paths))}: {said}",
                paths=paths,
                distributions=whose.split(" and ") if whose else [],
                doors=self.doors,
                details=[f"{path}: {self._say(values)}" for path, values in paths.items()],
                severity=severity,
                because=because,
            )

    def _parting(self, values: Sequence[str | None]) -> str:
        """Which doors agree: `venv | docker and nix`."""
        groups: dict[str | None, list[str]] = defaultdict(list)
        for door, value in zip(self.doors, values, strict=True):
            groups[value].append(door)
        return " | ".join(" and ".join(doors) for doors in groups.values())

    def _severity(self, code: Code, whose: str) -> tuple[Severity | None, str | None]:
        if code is Code.BUILT_ELSEWHERE:
            parts = self._build_differences(whose)
            declared = all(self._differ(part) for part in parts)
            return (None if declared else Severity.ERROR), ", ".join(sorted(parts))
        return None, None

    @cached_property
    def _different(self) -> list[tuple[str, list[File | None]]]:
        return list(self._different_files())

    def _different_files(self) -> Iterator[tuple[str, list[File | None]]]:
        """The paths that are not the same in all doors."""
        first, *others = (subject.snapshot.files for subject in self.subjects)
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

    def _judge(self, path: str, found: Sequence[File | None]) -> Iterator[tuple[Code, str, Sequence[str | None]]]:
        """A path's differences, what each is and its value in each door; none where it follows from another finding."""
        present = [file for file in found if file is not None]
        if any(file.kind == "missing" or self._covers(file) for file in present):
            return  # its own door says that it is missing, or a finding says that its distribution differs
        if all(file.role == "venv" for file in present):
            yield self._furniture(found, present)
        elif len(present) < len(found):
            yield _absence(path), "not in each door:", ["there" if file else "missing" for file in found]
        else:
            yield from self._unlike(path, present)

    def _unlike(self, path: str, present: Sequence[File]) -> Iterator[tuple[Code, str, Sequence[str | None]]]:
        """What is not the same of a path that every door has."""
        if len({file.kind for file in present}) > 1:
            yield Code.FILE_DIFFERS, "not of one kind:", [file.kind for file in present]
        if len({file.mode for file in present if file.kind != "link"}) > 1:
            yield Code.MODE_DIFFERS, "not of one mode:", [file.mode for file in present]
        if any(file.error is not None for file in present):
            return  # its own door says that it cannot be read
        if len({file.sha256 for file in present}) > 1:
            why = self._bytes(path, present)
            if why is not None:
                yield why, "other bytes:", [(file.sha256 or "")[:12] for file in present]
        elif len({file.bytecode for file in present}) > 1:
            yield Code.TRANSFORM_BYTECODE, "not judged alike:", [file.bytecode for file in present]

    def _bytes(self, path: str, present: Sequence[File]) -> Code | None:
        """Why the bytes of a path differ; None where other files' difference is the finding."""
        if _in_pycache(path):
            # Found with --bytecode, altered bytecode is its own door's error.
            return Code.TRANSFORM_PATH if self._moved(path, present) else Code.TRANSFORM_BYTECODE
        if _is_note(path):
            return Code.TRANSFORM_INSTALLER
        elf = all(file.elf is not None for file in present)
        if present[0].normal is not None and len({file.normal for file in present}) == 1:
            if not elf:
                return Code.TRANSFORM_PATH if self._one_installer(present) else Code.TRANSFORM_INSTALLER
            # Patched after it was installed is what no RECORD knows of; else the doors installed different artefacts.
            if not all(_as_installed(file) for file in present):
                return Code.TRANSFORM_ELF
        if present[0].starts is not None and len({file.starts for file in present}) == 1:
            return Code.TRANSFORM_INSTALLER
        if path.endswith(".dist-info/RECORD") and self._record_follows(path):
            return None
        return self._built(present, elf=elf) or Code.FILE_DIFFERS

    def _moved(self, path: str, present: Sequence[File]) -> bool:
        """Whether bytecode has one source in each door, and differs in nothing but the path that it names."""
        if present[0].normal is None or len({file.normal for file in present}) > 1:
            return False
        # A time in its head would differ as well; what stands there else is the hash of the source.
        if {file.bytecode for file in present} not in ({"checked-hash:fresh"}, {"unchecked-hash:fresh"}):
            return False
        sources = [subject.snapshot.files.get(_source(path)) for subject in self.subjects]
        return None not in {one.sha256 if one else None for one in sources} and (
            len({one.sha256 for one in sources if one}) == 1
        )

    def _built(self, present: Sequence[File], *, elf: bool) -> Code | None:
        """Whether other bytes come from each door's own build: another compiler explains machine code alone."""
        owners = {owner for file in present for owner in file.claims}
        if len(owners) != 1 or not all(
            file.claims.get(owner) in ("match", None) for file in present for owner in owners
        ):
            return None
        (owner,) = owners
        if any(self._build(subject, owner) is None for subject in self.subjects):
            return None
        if not self._build_differences(owner):
            return Code.BUILT_DIFFERS
        return Code.BUILT_ELSEWHERE if elf else None

    def _one_installer(self, present: Sequence[File]) -> bool:
        """Whether one program installed it in every door; what nobody owns, none did."""
        by_id = [subject.snapshot.by_id for subject in self.subjects]
        owners = {owner for file in present for owner in file.claims}
        return all(len({one[owner].installer for one in by_id if owner in one}) < 2 for owner in owners)

    def _record_follows(self, path: str) -> bool:
        """Whether RECORDs differ only as the files that they list do: then those are the finding."""
        one = self.subjects[0].metadata.get(path.removesuffix("/RECORD"))
        return one is not None and one.id in self._rebuilt

    @cached_property
    def _rebuilt(self) -> set[str]:
        """Ids of distributions that every door built itself and whose files differ, RECORD apart."""
        found: set[str] = set()
        for path, files in self._different:
            present = [file for file in files if file is not None]
            for owner in {owner for file in present for owner in file.claims}:
                if not path.endswith("/RECORD") and all(self._build(subject, owner) for subject in self.subjects):
                    found.add(owner)
        return found

    def _build(self, subject: Subject, owner: str) -> dict[str, object] | None:
        one = subject.snapshot.by_id.get(owner)
        return one.build if one else None

    def _build_differences(self, owner: str) -> set[str]:
        """The settings of a build that are not the same in each door: `compiler`, `python`, …"""
        settings: list[dict[str, object]] = []
        for subject in self.subjects:
            build = self._build(subject, owner) or {}
            noted = build.get("config_settings")
            settings.append(noted if isinstance(noted, dict) else {})
        return {name for one in settings for name in one if len({repr(other.get(name)) for other in settings}) > 1}

    def _furniture(
        self, found: Sequence[File | None], present: Sequence[File]
    ) -> tuple[Code, str, Sequence[str | None]]:
        """What an environment makes for itself differs in its path, or was made by another program."""
        same = len(present) == len(found) and len({file.normal or file.sha256 for file in present}) == 1
        values = [((file.sha256 or "")[:12] or file.kind) if file else None for file in found]
        return (Code.TRANSFORM_PATH if same else Code.TRANSFORM_VENV), "other bytes:", values

    def _covers(self, file: File) -> bool:
        """Whether a finding on its distribution covers a file."""
        return bool(file.claims) and all(
            canonicalize_name(owner.partition("@")[0]) in self._changed for owner in file.claims
        )

    def _whose(self, path: str, found: Sequence[File | None]) -> str:
        """Under which distribution a difference is told: its claimants, or whose package it lies in."""
        owners = sorted({owner for file in found if file for owner in file.claims})
        return " and ".join(owners) if owners else self._folder_owner.get(folder_of(path), "")

    @cached_property
    def _folder_owner(self) -> dict[str, str]:
        """Top-level folders that one distribution alone has files in."""
        owners: dict[str, set[str]] = defaultdict(set)
        for path, file in self.subjects[0].snapshot.files.items():
            for owner in file.claims:
                owners[folder_of(path)].add(owner)
        return {folder: next(iter(one)) for folder, one in owners.items() if len(one) == 1}

    # The rest

    def _libraries(self) -> Iterator[Finding]:
        names = sorted({name for subject in self.subjects for name in subject.snapshot.libraries})
        for name in names:
            found = [subject.snapshot.libraries.get(name) for subject in self.subjects]
            users = sorted({path for one in found if one for path in one.needed_by})
            said = [(one.inside or one.file) if one else None for one in found]
            if None in found or len(set(said)) == 1:
                continue
            reason = self._differ("libraries")
            yield finding(
                Code.LIBRARY_DIFFERS,
                f"{some(users)}: expected one {name} in each door, found: {self._say(said)}"
                + (f"; declared: {reason}" if reason else ""),
                paths=users,
                doors=self.doors,
                severity=Severity.NOTE if reason else Severity.ERROR,
            )

    def _toolchain(self) -> Iterator[Finding]:
        for name in sorted({name for subject in self.subjects for name in subject.snapshot.toolchain}):
            found = [subject.snapshot.toolchain.get(name) for subject in self.subjects]
            if len(set(found)) == 1:
                continue
            reason = self._differ(name)
            yield finding(
                Code.TOOLCHAIN_DIFFERS,
                f"expected one {name} in each door, found: {self._say(found)}"
                + (f"; declared: {reason}" if reason else ""),
                distributions=[name],
                doors=self.doors,
                severity=Severity.NOTE if reason else Severity.ERROR,
            )

    def _behaviour(self) -> Iterator[Finding]:
        asked = [subject for subject in self.subjects if subject.snapshot.behaviour]
        if len(asked) < len(self.subjects):
            return  # some door was not asked
        for name in sorted({name for subject in asked for name in subject.snapshot.behaviour}):
            found = [subject.snapshot.behaviour.get(name) for subject in self.subjects]
            said = ["not asked" if one is None else one.value or f"error {one.error}" for one in found]
            if len(set(said)) > 1:
                yield finding(
                    Code.BEHAVIOUR_DIFFERS,
                    f"{name}: expected one result in each door, found: {self._say(said)}",
                    distributions=[name],
                    doors=self.doors,
                )


def _version(one: Distribution | None) -> str | None:
    """A version, with what tells a distribution without one from none at all."""
    return None if one is None else one.version or "unknown"


def _in_pycache(path: str) -> bool:
    return path.endswith(".pyc") and "/__pycache__/" in path


def _source(path: str) -> str:
    """Where the source of bytecode is: of `a/__pycache__/b.cpython-311.pyc`, `a/b.py`."""
    folder, _, name = path.removesuffix(".pyc").rpartition("/__pycache__/")
    return f"{folder}/{re.sub(r'[.][^.]*([.]opt-[0-9a-z]+)?$', '', name)}.py"


def _is_note(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    return folder.endswith(".dist-info") and name in _INSTALLER_FILES


def _absence(path: str) -> Code:
    """The code of a path that is in some doors only."""
    if _in_pycache(path):
        return Code.TRANSFORM_BYTECODE
    return Code.TRANSFORM_INSTALLER if _is_note(path) else Code.FILE_ONLY_IN


def _as_installed(file: File) -> bool:
    return bool(file.claims) and all(verdict == "match" for verdict in file.claims.values())
