"""The `Place` class: the environment that a fix changes, and the commands that change it.

A fix has the commands that repair one finding. A finding is one problem or difference that envparity reports.
"""

import shlex
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from packaging.utils import canonicalize_name

from envparity.fix.installer import Installer
from envparity.judge.graph import Graph
from envparity.judge.subject import OTHER_TOOLS, Subject
from envparity.project.locks.lock import Choice
from envparity.snapshot.types import Distribution

_OPERANDS = 40  # the most paths that the commands of one fix name


@dataclass(frozen=True)
class Place:
    """The environment of one door. Its methods return shell commands, or the parts of such commands."""

    subject: Subject

    @cached_property
    def installer(self) -> Installer:
        """Return the tools that install into the environment."""
        subject, located = self.subject, self.subject.snapshot.located
        lock, pins = subject.lock, subject.pins.values()
        return Installer(
            located.prefix,
            located.executable,
            Counter(one.installer for one in subject.snapshot.distributions if one.installer),
            has_pip="pip" in subject.snapshot.by_name,
            lock=lock.origin if lock else None,
            maker=lock.maker if lock else None,
            is_hashed=bool(pins) and all(one.hashes and not one.local for one in pins),
            is_remote=subject.is_remote,
            choice=subject.config.choice or Choice(),
        )

    @property
    def is_of_system(self) -> bool:
        """Return whether the environment is the Python of the operating system, which pip and uv do not change."""
        python = self.subject.snapshot.interpreter
        return bool(python.managed_sites) and not python.venv

    def again(self, ones: Sequence[Distribution]) -> tuple[str, ...]:
        """Return the commands that install distributions again; empty if the source of a distribution is unknown.

        If the lock pins all these distributions, and a command can check their hashes, the commands install from the
        lock.
        """
        names = [canonicalize_name(one.name) for one in ones]
        pins = [self.subject.pins.get(name) for name in names]
        if all(pin is not None and (pin.version or pin.url) for pin in pins):
            commands = self.installer.install_lock_again(names)
            if commands:
                return commands
        specs = [spec for one in ones if (spec := self.spec(one)) is not None]
        return (self.installer.install(specs, afresh=True),) if specs and len(specs) == len(ones) else ()

    def forget(self, ones: Iterable[Distribution]) -> list[str]:
        """Return a list with the command that removes distributions from uv's cache; an empty list for pip.

        uv may link an environment's files to its cache. Then an edit of such a file also changes the cache, and uv
        would install the edited file again. pip's cache has whole wheels, so such an edit does not change pip's cache.
        """
        names = " ".join(shlex.quote(canonicalize_name(one.name)) for one in ones)
        return [f"uv cache clean {names}"] if self.installer.uses_uv and names else []

    def is_own(self, one: Distribution) -> bool:
        """Return whether pip or uv may replace a distribution: it must be inside (`is_inside`) and not editable."""
        return self.is_inside(one) and not one.editable

    def is_inside(self, one: Distribution) -> bool:
        """Return whether a distribution is in this environment, and no other tool, such as conda or apt, manages it."""
        located = self.subject.snapshot.located
        folder = located.sites.get(one.metadata.partition("/")[0], "")
        inside = not self.subject.snapshot.interpreter.venv or folder.startswith(located.prefix.rstrip("/") + "/")
        return inside and one.id not in self.subject.managed and one.installer not in OTHER_TOOLS

    def spec(self, one: Distribution, version: str | None = None) -> str | None:
        """Return the requirement that installs a distribution.

        The version of the requirement is `version`. If `version` is None, it is the installed version, or the pinned
        version if the pin forbids the installed version. If the pin or the installation has a URL, the requirement has
        this URL and no version.

        Return None if the source is unknown, for example because the distribution comes from a local folder or file.
        """
        name = canonicalize_name(one.name)
        pin = self.subject.pins.get(name)
        if pin is not None and pin.url is not None:
            return f"{name} @ {pin.url}"
        source = one.direct_url or {}
        url, commit = str(source.get("url", "")), str(source.get("commit", ""))
        if url.startswith("file:"):
            return None
        if url:
            return f"{name} @ git+{url}@{commit}" if commit else f"{name} @ {url}"
        # A local version such as 1.0+cu118 stays, if the pin allows it.
        wanted = version or (pin.version if pin and not pin.allows(one.version) else one.version)
        return f"{name}=={wanted}" if wanted else None

    def path(self, key: str) -> str | None:
        """Return the path on the door's machine for the path `key` of the snapshot; None if it is unknown."""
        scheme, _, rest = key.partition("/")
        located = self.subject.snapshot.located
        if "\\" in key or not key.isprintable() or not rest:
            return None
        folder = located.sites.get(scheme)
        if folder is None and self.subject.snapshot.interpreter.venv:
            folder = {"data": located.prefix, "prefix": located.prefix, "scripts": f"{located.prefix}/bin"}.get(scheme)
        return f"{folder}/{rest}" if folder else None

    def delete(self, keys: Collection[str]) -> list[str] | None:
        """Return the commands that delete files and their bytecode; a folder without other files is deleted whole.

        Return None if a file belongs to the base Python, if a path is not known, or if there is no path or more than
        _OPERANDS paths.
        """
        if any(map(self.subject.is_of_base, keys)):
            return None  # other environments of that Python have the files too
        every = self._with_bytecode(keys)
        folders, files = self._whole_folders(every)
        paths = [[self.path(key) for key in part] for part in (folders, files)]
        if None in paths[0] + paths[1] or not 0 < len(folders) + len(files) <= _OPERANDS:
            return None
        commands = zip(("rm -r --", "rm --"), paths, strict=True)
        return [" ".join([words, *(shlex.quote(path) for path in part if path)]) for words, part in commands if part]

    def _with_bytecode(self, keys: Collection[str]) -> set[str]:
        sources = (key.removesuffix(".py") for key in keys if key.endswith(".py"))
        return {*keys, *(pyc for source in sources for pyc in self._bytecode.get(source, ()))}

    @cached_property
    def _bytecode(self) -> dict[str, list[str]]:
        """Return the bytecode files that no RECORD lists, by the path of their source without its suffix."""
        found: dict[str, list[str]] = defaultdict(list)
        for key, file in self.subject.snapshot.files.items():
            if file.bytecode is not None and not file.claims:
                found[_source(key)].append(key)
        return found

    def _whole_folders(self, keys: Collection[str]) -> tuple[list[str], list[str]]:
        """Return the topmost folders whose files are all in `keys`, and the `keys` outside these folders."""
        ours = Counter(folder for key in keys for folder in _above(key))
        whole = {folder for folder, count in ours.items() if count == self._sizes[folder] and "/" in folder}
        tops = {next((f for f in reversed(list(_above(key))) if f in whole), key) for key in keys}
        return sorted(tops & whole), sorted(tops - whole)

    @cached_property
    def _sizes(self) -> Counter[str]:
        """Return the number of files below each folder, at any depth."""
        files = self.subject.snapshot.files.items()
        return Counter(folder for key, file in files if file.kind != "missing" for folder in _above(key))

    @cached_property
    def requirements(self) -> Graph[Distribution]:
        """Return the requirements between the distributions of the environment."""
        return Graph(self.subject.snapshot)

    @cached_property
    def intact(self) -> Counter[str]:
        """Return a dict from a distribution's id to the number of its files that have the hash in its RECORD."""
        files = self.subject.snapshot.files.values()
        return Counter(owner for file in files for owner, verdict in file.claims.items() if verdict == "match")

    def rename(self, pairs: Sequence[tuple[str, str]]) -> list[str] | None:
        """Return the commands that rename the second path of each pair to the first path. The two differ only in case.

        Return None if the two paths differ in more than one of their parts, or if a path is not known.
        """
        moves: dict[tuple[str, str], None] = {}
        for right, wrong in pairs:
            wanted, found = right.split("/"), wrong.split("/")
            unlike = [place for place, (a, b) in enumerate(zip(wanted, found, strict=False)) if a != b]
            if len(wanted) != len(found) or len(unlike) != 1:
                return None
            end = unlike[0] + 1
            moves["/".join(found[:end]), "/".join(wanted[:end])] = None
        commands = []
        for move in moves:
            source, target = (self.path(key) for key in move)
            if source is None or target is None:
                return None
            commands.append(f"mv -- {shlex.quote(source)} {shlex.quote(target)}")
        return commands


def _above(key: str) -> Iterator[str]:
    """Yield the folders of a path, the innermost first."""
    while "/" in key:
        key = key.rpartition("/")[0]
        yield key


def _source(key: str) -> str:
    """Return the path of the source of a bytecode file, without suffix: `a/b` for `a/__pycache__/b.cpython-311.pyc`."""
    folder, _, name = key.rpartition("/")
    return f"{folder.removesuffix('/__pycache__')}/{name.partition('.')[0]}"
