"""The types for lock files: `Lock` has the pins for an environment, and `LockFormat` reads one format of lock files."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from envparity.errors import EnvparityError
from envparity.judge.graph import holds
from envparity.text import visible

Markers = Mapping[str, str]
"""The value of each marker variable in one environment, for example `python_version` and `sys_platform`."""


def same_version(found: str | None, wanted: str) -> bool:
    """Return whether an installed version is the wanted version; `found` is None if the metadata has no version."""
    try:
        return found is not None and Version(found) == Version(wanted)
    except ValueError:  # not a version, or a number with more digits than Python converts
        return found == wanted


@dataclass(frozen=True)
class Pin:
    """One pin of a lock. `name` is the canonical name, and `hashes` are texts of the form `sha256:HEX`.

    `local` is True if the lock names a folder or an archive on this machine, for example the project itself. The
    version may then be unknown. `from_source` is True if the lock says that installers build this distribution and use
    no wheel.
    """

    name: str
    requirement: Requirement
    hashes: frozenset[str]
    local: bool = False
    from_source: bool = False

    @property
    def version(self) -> str | None:
        """Return the pinned version; None if a URL is pinned, or if the pin allows any version."""
        return next((one.version for one in self.requirement.specifier if one.operator in ("==", "===")), None)

    def allows(self, found: str | None) -> bool:
        """Return whether pip accepts an installed version as the pinned version; True if no version is pinned.

        A pin such as ==1.0 allows a local version such as 1.0+cu118 (PEP 440), and ===1.0 does not.
        """
        if self.version is None or same_version(found, self.version):
            return True
        try:
            local, pinned = Version(found or ""), Version(self.version)
        except ValueError:
            return False
        exact = any(one.operator == "===" for one in self.requirement.specifier)
        return not exact and pinned.local is None and Version(local.public) == pinned

    @property
    def url(self) -> str | None:
        """Return the pinned URL, for example of a git commit; None if no URL is pinned."""
        return self.requirement.url

    def applies(self, environment: Markers) -> bool:
        """Return whether the pin's marker holds; True also if the marker cannot be evaluated.

        `environment` maps each marker variable to its value.
        """
        return holds(self.requirement.marker, environment) is not False


@dataclass(frozen=True)
class Choice:
    """The groups and extras of a lock that the environment should have; the options of a command name them.

    A group is a named set of requirements, such as `dev`, that no user of the project needs. The default values choose
    the same groups and extras as the lock's own tool (for example `uv sync`) without options.
    """

    groups: tuple[str, ...] = ()
    """Groups in addition to the default groups."""
    no_groups: tuple[str, ...] = ()
    """Groups to leave out."""
    no_default_groups: bool = False
    """Whether to leave out the groups that the lock's tool installs without options."""
    only_groups: tuple[str, ...] = ()
    """If this is not empty: only these groups, without the requirements of the project."""
    extras: tuple[str, ...] = ()
    """Extras of the project."""
    all_extras: bool = False
    all_groups: bool = False
    folder: Path | None = None
    """The current folder. In a workspace, the member whose folder contains this folder is the project."""
    no_project: bool = False
    """Whether the project itself is not installed, as with `uv sync --no-install-project`."""

    no_workspace: bool = False
    """Whether no member of the workspace is installed, as with `uv sync --no-install-workspace`."""
    packages: tuple[str, ...] = ()
    """The members of the workspace that are installed; empty: the members that the lock's tool chooses."""
    all_packages: bool = False

    @property
    def without_project(self) -> bool:
        """Return whether the environment should not have the project itself."""
        return self.no_project or bool(self.only_groups)

    def of_groups(
        self, every: Iterable[str], default: Iterable[str], origin: str, always: Iterable[str] = ()
    ) -> tuple[str, ...]:
        """Return the chosen groups of a lock.

        `every` are all groups of the lock, and `default` are the groups that its tool installs without options. Those
        groups of `default` that are in `always` have the requirements of the project itself, so `no_default_groups`
        does not leave them out. Raise EnvparityError, which names the file `origin`, if the lock lacks a group that the
        options name.
        """
        known = list(dict.fromkeys(every))
        added = self._known("--group", "group", self.groups, known, origin)
        removed = self._known("--no-group", "group", self.no_groups, known, origin)
        only = self._known("--only-group", "group", self.only_groups, known, origin)
        if only:
            return only
        usual = set(default) & set(always) if self.no_default_groups else set(default)
        wanted = {*usual, *added, *(known if self.all_groups else ())} - set(removed)
        return tuple(name for name in known if name in wanted)

    def of_extras(self, every: Iterable[str], origin: str) -> tuple[str, ...]:
        """Return the chosen extras; `every` are all extras of the project.

        Raise EnvparityError, which names the file `origin`, if the project lacks an extra that the options name.
        """
        known = list(dict.fromkeys(every))
        named = self._known("--extra", "extra", self.extras, known, origin)
        return tuple(known) if self.all_extras else tuple(name for name in known if name in named)

    @staticmethod
    def _known(option: str, kind: str, names: Iterable[str], known: list[str], origin: str) -> tuple[str, ...]:
        """Return `names`, the values of an option, as the lock spells them; `Type_Check` and `type-check` are one name.

        Raise EnvparityError for a name that is not in `known`.
        """
        spelled = {canonicalize_name(name): name for name in known}
        for name in names:
            if canonicalize_name(name) not in spelled:
                raise _unknown(option, kind, known, name, origin)
        return tuple(spelled[canonicalize_name(name)] for name in names)

    def of_packages(self, every: Iterable[str], origin: str) -> tuple[str, ...] | None:
        """Return the chosen packages; None if the options choose no package. `every` are all members of the workspace.

        Raise EnvparityError, which names the file `origin`, if the lock lacks a package that the options name, or if
        the options choose all packages and the lock has no workspace.
        """
        known = list(dict.fromkeys(every))
        names = tuple(str(canonicalize_name(name)) for name in self.packages)
        for name in names:
            if name not in known:
                raise _unknown("--package", "package", known, name, origin)
        if self.all_packages:
            if not known:
                raise EnvparityError(f"--all-packages: expected the lock of a workspace, found {origin}")
            return tuple(known)
        return names or None


def _unknown(option: str, kind: str, known: Iterable[str], name: str, origin: str) -> EnvparityError:
    """Return the error for a group, an extra or a package that a lock lacks."""
    there = ", ".join(visible(one) for one in known) or "none, because the lock has none"
    return EnvparityError(f"{option}: expected {kind} of {origin} ({there}), found {visible(name)!r}")


@dataclass(frozen=True)
class LockFile:
    """A lock file: its path and its text, together with the choice of groups and extras."""

    path: Path
    text: str
    choice: Choice

    @property
    def origin(self) -> str:
        """Return the path as a text for error messages."""
        return str(self.path)


Select = Callable[[Markers], Iterable[Pin]]
"""Takes the marker variables of an environment, and returns the pins for this environment."""


@dataclass(frozen=True)
class Place:
    """The line at which a lock names a distribution; lines count from 1.

    `name` is the canonical name. `version` is None if the line pins no version. `path` is the file: the lock, or a file
    that the lock includes.
    """

    name: str
    version: str | None
    path: Path
    line: int


def _no_places() -> Iterable[Place]:
    return ()


@dataclass(frozen=True)
class Lock:
    """A lock; `origin` names its file in error messages, and `select` returns the pins for an environment."""

    origin: str
    select: Select
    maker: str | None = None
    """The distribution that made the lock, as its first lines say or its format implies, for example pip-tools."""
    whole: bool = True
    """Whether the lock surely lists every distribution, also a distribution that only another distribution requires."""
    sha256: str | None = None
    """The SHA-256 of the file, in hex."""
    find_places: Callable[[], Iterable[Place]] = _no_places
    """Returns the line of each distribution, also of those that belong to other environments."""
    may_lack_project: bool = False
    """Whether the lock may leave out the project itself, which is installed together with the pinned distributions."""
    without_groups: Select | None = None
    """Returns the pins without the groups that the lock's tool installs without options; `read_lock` always sets it."""

    @property
    def path(self) -> Path:
        """Return the path of the lock's file."""
        return Path(self.origin)

    def for_environment(self, environment: Markers) -> dict[str, Pin]:
        """Return a dict from canonical name to pin, with the pins that apply to `environment`.

        `environment` maps each marker variable to its value. Raise EnvparityError if two different pins of the same
        name apply.
        """
        found: dict[str, Pin] = {}
        for pin in self.select(environment):
            other = found.setdefault(pin.name, pin)
            if other.url == pin.url and (
                other.version is pin.version or same_version(other.version, pin.version or "")
            ):
                if other.hashes != pin.hashes:  # for example one line for each extra
                    found[pin.name] = replace(other, hashes=other.hashes | pin.hashes)
            else:
                raise EnvparityError(
                    f"{self.origin}: expected one pin of {pin.name} for this interpreter, "
                    f"found {visible(str(other.requirement))!r} and {visible(str(pin.requirement))!r}"
                )
        return found


@dataclass(frozen=True)
class LockFormat:
    """One format of lock files.

    `looks` describes a file of this format, for error messages. `reads` returns whether a file is in this format, from
    its name and its text. `read` parses a file, or raises EnvparityError with the file's name in the message. `maker`
    returns the distribution that made a lock with this text, or None if the text does not show this. `whole` returns
    whether the lock surely lists every distribution. `places` returns the line of each distribution.
    """

    looks: str
    reads: Callable[[str, str], bool]
    read: Callable[[LockFile], Select]
    maker: Callable[[str], str | None] = lambda _text: None
    whole: Callable[[str], bool] = lambda _text: True
    places: Callable[[LockFile], Iterable[Place]] = lambda _file: ()
    names: tuple[str, ...] = ()
    """The names of locks that envparity finds without `--lock`. Only plugins set this field; see `discovery.LOCKS`."""
    may_lack_project: bool = False
    """Whether a lock may leave out the project itself, which is installed together with the pinned distributions."""


def where_applying(pins: Iterable[Pin]) -> Select:
    """Return the function that selects those of `pins` whose marker holds in an environment."""
    every = tuple(pins)
    return lambda environment: (pin for pin in every if pin.applies(environment))
