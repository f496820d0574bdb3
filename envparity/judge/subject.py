"""One environment under judgement: its snapshot, and what it is held against."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Unpack

from packaging.utils import canonicalize_name

from envparity.judge.findings import About, Finding, finding
from envparity.judge.rules import Rule
from envparity.project.config import Config
from envparity.project.locks.lock import Lock, Pin
from envparity.snapshot.types import Distribution, File, Snapshot


@dataclass(frozen=True)
class Subject:
    """A door by name, the snapshot of its environment, and the lock of the track that it should be."""

    door: str
    snapshot: Snapshot
    config: Config
    track: str | None = None
    lock: Lock | None = None

    def finding(self, rule: Rule, message: str, of: Distribution | None = None, **about: Unpack[About]) -> Finding:
        """Make a finding about this environment.

        A finding `of` one distribution names that distribution and its metadata, unless told otherwise.
        """
        if of is not None:
            about = {"paths": [of.metadata], "distributions": [canonicalize_name(of.name)], **about}
        return finding(rule, message, [self.door], **about)

    def labels(self, owners: Iterable[str]) -> list[str]:
        """Return name and version of each distribution, by its id."""
        return [self.snapshot.label(owner) for owner in owners]

    @cached_property
    def pins(self) -> dict[str, Pin]:
        """The lock's pins for this interpreter and platform, by canonical name."""
        return self.lock.for_environment(self.snapshot.marker_environment) if self.lock else {}

    @cached_property
    def notable(self) -> dict[str, File]:
        """The files that some check may report: every file that is not exactly what one RECORD says."""
        own_elf = self.snapshot.interpreter.elf
        sites = self.snapshot.interpreter.managed_sites
        found: dict[str, File] = {}
        for path, file in self.snapshot.files.items():
            claims = file.claims
            if sites and (path.partition("/")[0] in sites or (claims and claims.keys() <= self.managed)):
                continue
            if len(claims) == 1 and file.kind == "file" and file.error is None and file.pth is None:
                (verdict,) = claims.values()
                if verdict == "match" and (
                    file.elf in (None, own_elf) if file.bytecode is None else file.bytecode.endswith(":fresh")
                ):
                    continue
            elif file.bytecode is not None and not claims and file.bytecode.endswith(":fresh") and file.error is None:
                continue
            found[path] = file
        return found

    @cached_property
    def unjudged(self) -> tuple[Distribution, ...]:
        """The distributions that do not say, readably, which files are theirs."""
        return tuple(one for one in self.judged if one.record in ("missing", "malformed"))

    @cached_property
    def managed(self) -> frozenset[str]:
        """Ids of the distributions that the system's package manager looks after."""
        return frozenset(one.id for one in self.snapshot.distributions) - {one.id for one in self.judged}

    @cached_property
    def judged(self) -> tuple[Distribution, ...]:
        """The distributions whose RECORD, if any, is their installer's word."""
        sites = self.snapshot.interpreter.managed_sites
        return tuple(one for one in self.snapshot.distributions if one.metadata.partition("/")[0] not in sites)

    @cached_property
    def metadata(self) -> dict[str, Distribution]:
        """Distributions by the folder or file of their metadata."""
        return {one.metadata: one for one in self.snapshot.distributions}


def folder_of(path: str) -> str:
    """Return where a path begins: `site/package`, or the path itself at top level."""
    return "/".join(path.split("/", 2)[:2])
