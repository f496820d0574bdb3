"""The `Subject` class: one environment to judge, with the lock and the settings that apply to it.

A snapshot is the document with the facts about an environment. A door is a way to reach an environment, and a finding
is one problem in it. A track is one variant of the project, such as `v0.4`. The id of a distribution is its canonical
name, or `name@path` for a second copy.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Unpack

from packaging.utils import canonicalize_name

from envparity.judge.findings import About, Finding, finding
from envparity.judge.rules import Rule
from envparity.project.config import Config
from envparity.project.locks.lock import Lock, Pin
from envparity.snapshot.types import Distribution, File, Snapshot

if TYPE_CHECKING:
    from envparity.artefacts.artefact import Artefacts
    from envparity.judge.tracing import Tracing


OTHER_TOOLS = frozenset({"conda", "debian", "rpm"})
"""The installers that install no wheels: they unpack files that pip installed on another machine."""
# Files in which an installer notes facts about the installation. A tool of OTHER_TOOLS rewrites these files, but not
# their lines in RECORD.
_NOTES = ("INSTALLER", "REQUESTED", "direct_url.json")


@dataclass(frozen=True)
class Subject:
    """One environment to judge: the name of its door, its snapshot, and the lock that it should match.

    `track` and `lock` are None for an environment that is judged without them. `others` are the folders of environments
    in the same image that were not read. `artefacts` are the wheels of the pins of the lock; None if the files are
    compared with RECORDs only. `sha256` is the SHA-256 of the snapshot, and `images` are the SHA-256 of the image's
    configuration and manifest, in hex. `is_remote` says whether the environment is on another machine or in an image.
    """

    door: str
    snapshot: Snapshot
    config: Config
    track: str | None = None
    lock: Lock | None = None
    others: tuple[str, ...] = ()
    artefacts: "Artefacts | None" = None
    sha256: str | None = None
    images: tuple[str, ...] = ()
    is_remote: bool = False

    def finding(self, rule: Rule, message: str, of: Distribution | None = None, **about: Unpack[About]) -> Finding:
        """Return a finding about this environment.

        With `of`, the finding names this distribution and the path of its metadata, unless `about` has other values.
        """
        if of is not None:
            about = {"paths": [of.metadata], "distributions": [canonicalize_name(of.name)], **about}
        return finding(rule, message, [self.door], **about)

    def labels(self, owners: Iterable[str]) -> list[str]:
        """Return the name and version of each distribution in `owners`, which holds ids."""
        return [self.snapshot.label(owner) for owner in owners]

    @cached_property
    def pins(self) -> dict[str, Pin]:
        """Return a dict from canonical name to pin, for this interpreter and platform; empty without a lock.

        Raise EnvparityError if the lock has two different pins of one name.
        """
        return self.lock.for_environment(self.snapshot.marker_environment) if self.lock else {}

    @cached_property
    def of_default_groups(self) -> frozenset[str]:
        """Return the canonical name of each pin that only the lock's default groups need, such as the group dev."""
        if self.lock is None or self.lock.without_groups is None:
            return frozenset()
        others = {one.name for one in self.lock.without_groups(self.snapshot.marker_environment)}
        return frozenset(self.pins.keys() - others)

    @cached_property
    def named_in_lock(self) -> frozenset[str]:
        """Return the canonical name of each distribution that the lock names, even if only for other environments."""
        return frozenset(one.name for one in self.lock.find_places()) if self.lock else frozenset()

    @cached_property
    def excused(self) -> dict[str, str]:
        """Return a dict from canonical name to the reason why the lock need not pin this distribution."""
        from envparity.judge.unpinned import excused

        return excused(self)

    @cached_property
    def hashes(self) -> dict[str, str]:
        """Return a dict from path to SHA-256, in hex, of the files and of the start-up code."""
        found = {path: file.sha256 for path, file in self.snapshot.files.items() if file.sha256 is not None}
        return found | {hook.path: hook.sha256 for hook in self.snapshot.startup if hook.sha256 is not None}

    @cached_property
    def tracing(self) -> "Tracing":
        """Return the comparison of the files with the artefacts, and how each file was judged."""
        from envparity.judge.tracing import trace

        return trace(self.snapshot, self.artefacts)

    def is_of_artefact(self, path: str) -> bool:
        """Return whether a file has the same bytes as in a wheel of `artefacts`; False without --artefacts."""
        from envparity.judge.tracing import How

        return self.artefacts is not None and self.tracing.how.get(path) in (How.LOCK, How.BUILT, How.OFFERED)

    @cached_property
    def notable(self) -> dict[str, File]:
        """Return a dict from path to file, with the files that a check may report.

        Leave out four kinds of files: files that the system's package manager manages, files that match the only RECORD
        that lists them, bytecode that belongs to its source and that no RECORD lists, and notes such as INSTALLER that
        conda or a system package rewrites. Links, .pth files and ELF files for another machine are in the dict even if
        they match RECORD.
        """
        own_elf = self.snapshot.interpreter.elf
        sites = self.snapshot.interpreter.managed_sites
        found: dict[str, File] = {}
        rewritten = {f"{one.metadata}/{note}" for one in self.judged if one.installer in OTHER_TOOLS for note in _NOTES}
        for path, file in self.snapshot.files.items():
            claims = file.claims
            if path in rewritten:
                continue
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

    def is_of_base(self, path: str) -> bool:
        """Return whether a path is in a site folder of the base Python, which a virtual environment also uses."""
        return path.partition("/")[0] in self.snapshot.interpreter.base_sites

    @cached_property
    def untouched(self) -> frozenset[str]:
        """Return the ids of the distributions whose RECORD has not changed since the installer wrote it."""
        return frozenset(self.snapshot.located.untouched)

    @cached_property
    def unjudged(self) -> tuple[Distribution, ...]:
        """Return the distributions without a readable list of their files: their RECORD is missing or malformed."""
        return tuple(one for one in self.judged if one.record in ("missing", "malformed"))

    @cached_property
    def managed(self) -> frozenset[str]:
        """Return the ids of the distributions that the system's package manager manages."""
        return frozenset(one.id for one in self.snapshot.distributions) - {one.id for one in self.judged}

    @cached_property
    def judged(self) -> tuple[Distribution, ...]:
        """Return the distributions that the system's package manager does not manage."""
        sites = self.snapshot.interpreter.managed_sites
        return tuple(one for one in self.snapshot.distributions if one.metadata.partition("/")[0] not in sites)

    @cached_property
    def projects_inside(self) -> dict[str, str]:
        """Return a dict from id to folder, for the editable installs whose folder is inside the environment.

        The folder is a path as in `files` of the snapshot. `pip install -e git+URL` makes such a folder, `data/src/…`.
        """
        located = self.snapshot.located
        start = located.prefix.rstrip("/") + "/"
        return {
            one: f"data/{folder[len(start) :]}" for one, folder in located.projects.items() if folder.startswith(start)
        }

    @cached_property
    def metadata(self) -> dict[str, Distribution]:
        """Return a dict from the path of a metadata folder or metadata file to its distribution."""
        return {one.metadata: one for one in self.snapshot.distributions}


def folders_above(path: str) -> Iterator[str]:
    """Yield the folders that a path lies in, the innermost first."""
    while path := path.rpartition("/")[0]:
        yield path


def folder_of(path: str) -> str:
    """Return the first two parts of a path: `site/package` for `site/package/module.py`."""
    return "/".join(path.split("/", 2)[:2])


def winner(file: File) -> tuple[str, ...]:
    """Return the ids of the distributions whose RECORD matches the bytes of the file."""
    return tuple(owner for owner, verdict in file.claims.items() if verdict == "match")
