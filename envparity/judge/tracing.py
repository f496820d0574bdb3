"""Compares the files of an environment with the artefacts that its lock names, and notes how each file was judged.

An artefact is the wheel of one pin of the lock. A file is traced if it is a file of an artefact, or if an installer
writes it for the artefact.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from packaging.utils import canonicalize_name

from envparity.artefacts.artefact import Artefact, Artefacts
from envparity.artefacts.installed import NOTES, Place, Scripts, is_alias, places
from envparity.snapshot.types import Distribution, File, Snapshot


class How(StrEnum):
    """How the bytes of a file were judged. The values are published in reports."""

    LOCK = "lock"
    """The file is in a wheel whose hash is in the lock."""
    BUILT = "built"
    """The file is in a wheel that the project built again."""
    OFFERED = "offered"
    """The file is in a wheel that a URL or the package index offers; the lock has no hash of the wheel."""
    INSTALLER = "installer"
    """An installer writes this file itself: a script for an entry point, or a note such as RECORD."""
    COMPILED = "compiled"
    """The file is bytecode. Its source was judged, and compiling the source again gives the same bytecode."""
    RECORD = "record"
    """The file, or the source of this bytecode, matches RECORD. Somebody may have changed it together with RECORD."""
    WRONG = "wrong"
    """The file, or the source of this bytecode, does not have the expected bytes; a finding names it."""
    HEADER = "bytecode header"
    """The file is bytecode. Its header fits its source, but envparity did not check the code."""
    MADE = "made with the environment"
    """venv, virtualenv or uv wrote the file when it made the environment."""
    SYSTEM = "the system's"
    """The system's package manager manages the file."""
    UNKNOWN = "not judged"
    """envparity has nothing to compare the file with."""


JUDGED = frozenset((How.LOCK, How.BUILT, How.OFFERED, How.INSTALLER, How.COMPILED, How.RECORD, How.WRONG))


@dataclass(frozen=True)
class Tracing:
    """The result of comparing the files of one environment with its artefacts.

    `differs`, `lacking` and `foreign` map the id of a distribution to paths. `differs` has files with other bytes than
    in the artefact. `lacking` has files of an artefact that are neither installed nor in RECORD. `foreign` has files
    that a RECORD lists, and that no artefact has. `loose` are the files that neither a RECORD nor an artefact explains.
    `loose` is empty if each RECORD can be read. `loose` is also empty if a distribution has neither a readable RECORD
    nor an artefact, because such files may belong to this distribution. `how` maps each path to the way in which the
    file was judged.
    """

    how: Mapping[str, How]
    differs: Mapping[str, list[str]] = field(default_factory=dict)
    lacking: Mapping[str, list[str]] = field(default_factory=dict)
    foreign: Mapping[str, list[str]] = field(default_factory=dict)
    loose: tuple[str, ...] = ()


def trace(snapshot: Snapshot, artefacts: Artefacts | None) -> Tracing:
    """Return the comparison of an environment with its artefacts.

    If `artefacts` is None, compare the files only with RECORDs.
    """
    return _Trace(snapshot, artefacts or Artefacts()).run()


_BASIS = {"lock": How.LOCK, "built": How.BUILT, "url": How.OFFERED, "index": How.OFFERED}


class _Trace:
    """A comparison that is not finished yet."""

    def __init__(self, snapshot: Snapshot, artefacts: Artefacts) -> None:
        self.snapshot = snapshot
        self.artefacts: dict[str, tuple[Distribution, Artefact]] = {}
        for name, artefact in artefacts.found.items():
            one = snapshot.by_name[name]
            self.artefacts[one.id] = one, artefact
        self.by_metadata = {one.metadata: owner for owner, (one, _) in self.artefacts.items()}
        self.scripts = Scripts(snapshot)
        self.how: dict[str, How] = {}
        self.differs: dict[str, list[str]] = defaultdict(list)
        self.lacking: dict[str, list[str]] = defaultdict(list)
        self.foreign: dict[str, list[str]] = defaultdict(list)

    def run(self) -> Tracing:
        unlike: list[tuple[str, Place]] = []
        for owner, (one, artefact) in self.artefacts.items():
            unlike += [(owner, place) for place in self._unlike(one, artefact)]
        self._judge_unlike(unlike)
        self._judge_others()
        return Tracing(self.how, self.differs, self.lacking, self.foreign, tuple(self._loose()))

    def _unlike(self, one: Distribution, artefact: Artefact) -> Iterator[Place]:
        """Note how each unchanged file of an artefact was judged, and yield the `Place` of each other file."""
        files, how, basis = self.snapshot.files, self.how, _BASIS[artefact.basis]
        for place in places(artefact.wheel, self.snapshot, one.metadata.partition("/")[0]):
            for path in place.paths:
                file = files.get(path)
                if file is not None and file.sha256 is not None and place.allows(file, self.scripts):
                    how[path] = How.INSTALLER if place.sha256 is None else basis
                    break
            else:
                yield place

    def _judge_unlike(self, unlike: list[tuple[str, Place]]) -> None:
        """Note each place whose file is missing or has other bytes, unless another artefact has these bytes."""
        files = self.snapshot.files
        for owner, place in unlike:
            there = [path for path in place.paths if (file := files.get(path)) is not None and file.kind != "missing"]
            if any(path in self.how for path in there) or (place.optional and not there):
                continue
            if not there:
                if not self._is_elsewhere(owner, place) and not _is_recorded_missing(place, files):
                    self.lacking[owner].append(place.paths[0])
            elif not (place.optional and files[there[0]].bytecode is not None):
                self.how[there[0]] = How.WRONG
                if not _is_reported(files[there[0]]):
                    self.differs[owner].append(there[0])

    def _is_elsewhere(self, owner: str, place: Place) -> bool:
        """Return whether a file may be outside the environment, for example a script of the user's site folder."""
        one = self.artefacts[owner][0]
        outside = any(problem.endswith("is outside the environment") for problem in one.problems)
        return outside and not place.paths[0].startswith("site")

    def _judge_others(self) -> None:
        """For each file that is not yet in `how`, decide how it was judged.

        If RECORD lists a file that the artefact does not have, note the file in `foreign`.
        """
        managed = set(self.snapshot.interpreter.managed_sites)
        for path, file in self.snapshot.files.items():
            if path in self.how or file.kind == "missing":
                continue
            if path.partition("/")[0] in managed:
                self.how[path] = How.SYSTEM
            elif file.role == "venv":
                self.how[path] = How.MADE
            elif file.bytecode is not None:
                continue  # judged below, after its source
            elif (noted := self._noted(path, file)) is not None:
                self.how[path] = noted
            else:
                self._judge_owned(path, file)
        for path, file in self.snapshot.files.items():
            if path not in self.how and file.kind != "missing":
                self.how[path] = self._of_bytecode(path, file)

    def _noted(self, path: str, file: File) -> How | None:
        """Return How.INSTALLER for a file that an installer writes next to the files of an artefact, otherwise None."""
        folder, _, name = path.rpartition("/")
        for owner in file.claims or [self.by_metadata.get(folder, "")]:
            if owner in self.artefacts:
                one, artefact = self.artefacts[owner]
                if (folder == one.metadata and name in NOTES) or is_alias(path, file, artefact.wheel):
                    return How.INSTALLER
        return None

    def _judge_owned(self, path: str, file: File) -> None:
        owners = [owner for owner in file.claims if owner in self.artefacts]
        if not owners or len(owners) < len(file.claims):
            judged = bool(file.claims) and set(file.claims.values()) <= {"match"}
            self.how[path] = How.RECORD if judged else How.WRONG if _is_reported(file) else How.UNKNOWN
        elif file.sha256 is None and file.kind != "file":
            self.how[path] = How.UNKNOWN
        else:
            self.how[path] = How.WRONG
            for owner in owners:
                self.foreign[owner].append(path)

    def _of_bytecode(self, path: str, file: File) -> How:
        """Return how bytecode was judged. Bytecode counts as judged only if its source was judged."""
        folder, _, name = path.rpartition("/")
        source = f"{folder.rpartition('/')[0]}/{name.partition('.')[0]}.py"
        of_source = self.how.get(source)
        if not (file.bytecode or "").endswith(":fresh") or of_source not in JUDGED:
            return How.UNKNOWN
        if self.snapshot.bytecode != "recompiled":
            return How.HEADER
        # No artefact explains the source, so none explains its bytecode.
        return of_source if self.artefacts and of_source in (How.RECORD, How.WRONG) else How.COMPILED

    def _loose(self) -> Iterator[str]:
        """Yield files that no RECORD lists and no artefact has.

        Yield nothing if all RECORDs can be read. Yield nothing if a distribution without a readable RECORD has no
        artefact, because the files may belong to this distribution.
        """
        unread = [one for one in self.snapshot.distributions if one.record in ("missing", "malformed")]
        if not unread or any(one.id not in self.artefacts for one in unread):
            return
        for path, how in self.how.items():
            file = self.snapshot.files[path]
            if how is How.UNKNOWN and path.startswith("site") and not file.claims and file.bytecode is None:
                yield path


def _is_reported(file: File) -> bool:
    """Return whether the family integrity or ownership already reports that a file does not match its RECORDs."""
    verdicts = set(file.claims.values())
    return bool(verdicts - {"match", "unhashed", "unread"}) or file.error is not None or file.kind == "special"


def _is_recorded_missing(place: Place, files: Mapping[str, File]) -> bool:
    return any((file := files.get(path)) is not None and "missing" in file.claims.values() for path in place.paths)


def reasons(snapshot: Snapshot, artefacts: Artefacts) -> dict[str, list[Distribution]]:
    """Return a dict from reason to the distributions that have no artefact for this reason."""
    found: dict[str, list[Distribution]] = defaultdict(list)
    for one in snapshot.distributions:
        name = canonicalize_name(one.name)
        if one.metadata.partition("/")[0] in snapshot.interpreter.managed_sites:
            continue
        if snapshot.by_name[name] is not one:
            found["it is installed twice"].append(one)
        elif name not in artefacts.found:
            found[artefacts.absent.get(name, "the lock does not pin it")].append(one)
    return found
