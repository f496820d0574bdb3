"""Loads the plugins that are installed next to envparity. Each failure of a plugin becomes an error with one line.

A plugin is a lock format or a family of checks. A distribution adds each of its plugins with one entry point. This
module searches only the site folder in which envparity is installed. So no plugin comes from an environment that
envparity reads, from the current folder or from PYTHONPATH.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import envparity
from envparity.errors import EnvparityError
from envparity.text import visible

if TYPE_CHECKING:  # not at run time: importlib.metadata takes long to import, and few people have plugins
    from importlib.metadata import EntryPoint, PathDistribution

LOCKS = "envparity.locks"
"""The group of entry points for lock formats."""
CHECKS = "envparity.checks"
"""The group of entry points for checks."""

Result = TypeVar("Result")


@dataclass(frozen=True)
class Plugin:
    """One plugin: an entry point of a distribution. `label` is the name and version of the distribution."""

    name: str
    label: str
    point: "EntryPoint"

    def load(self, kind: type[Result]) -> Result:
        """Return the object of the entry point.

        Raise EnvparityError if the object cannot be loaded, or if it is no instance of `kind`.
        """
        found = self.guarded(self.point.load)
        if not isinstance(found, kind):
            raise self.wrong(f"a {kind.__name__} at {self.point.value}", f"a value of the type {type(found).__name__}")
        return found

    def guarded(self, call: Callable[[], Result]) -> Result:
        """Call a function of the plugin and return its result; raise EnvparityError for every kind of failure."""
        try:
            return call()
        except EnvparityError as error:
            raise EnvparityError(f"{self._where}: {error}") from error
        except (Exception, SystemExit) as error:  # the code of a plugin may raise anything
            raise self._failed(error) from error

    def each(self, call: Callable[[], Iterable[object]], kind: type[Result]) -> Iterator[Result]:
        """Yield the values that a function of the plugin yields.

        Raise EnvparityError if the function fails, or if a value is no instance of `kind`.
        """
        found, end = self.guarded(lambda: iter(call())), object()
        while (one := self.guarded(lambda: next(found, end))) is not end:
            if not isinstance(one, kind):
                raise self.wrong(
                    f"a {kind.__name__} from {self.point.value}", f"a value of the type {type(one).__name__}"
                )
            yield one

    def wrong(self, expected: str, found: str) -> EnvparityError:
        """Return the error that says what the plugin should be or do, and what was found instead."""
        return EnvparityError(
            f"{self._where}: expected {visible(expected)[:300]}, found {visible(found)[:300]}; upgrade or uninstall "
            f"{visible(self.label.partition(' ')[0])[:100]}"
        )

    @property
    def _where(self) -> str:
        return f"plugin {visible(self.name)[:100]} of {visible(self.label)[:100]} ({self.point.group})"

    def _failed(self, error: BaseException) -> EnvparityError:
        said = " ".join(str(error).split()) or "no message"
        return self.wrong(f"{self.point.value} to work", f"{type(error).__name__}: {said}")


@cache
def plugins(group: str) -> tuple[Plugin, ...]:
    """Return the plugins of a group of entry points, sorted by name; load none of them.

    Raise EnvparityError if two of them have the same name, or if a file of entry points cannot be read.
    """
    found = [
        Plugin(point.name, _label(one), point)
        for one in _distributions(Path(envparity.__file__).parent.parent)
        for point in one.entry_points
        if point.group == group
    ]
    found.sort(key=lambda one: (one.name, one.label))
    for one, other in pairwise(found):
        if one.name == other.name:
            raise one.wrong("a name that no other plugin has", f"the same name in {other.label}")
    return tuple(found)


def used_plugins() -> tuple[str, ...]:
    """Return the names and versions of the distributions that have plugins; raise EnvparityError as `plugins` does."""
    return tuple(dict.fromkeys(visible(one.label) for group in (LOCKS, CHECKS) for one in plugins(group)))


def _distributions(folder: Path) -> "list[PathDistribution]":
    """Return the distributions in a site folder that have entry points for envparity.

    Raise EnvparityError if a file of entry points cannot be read.
    """
    try:
        found = [path.parent for path in folder.glob("*-info/entry_points.txt") if b"[envparity." in path.read_bytes()]
    except OSError as error:
        raise EnvparityError(
            f"plugins: expected to read the entry points next to envparity, found: {error.filename}: {error.strerror}"
        ) from error
    if not found:
        return []
    from importlib.metadata import PathDistribution

    return [PathDistribution(path) for path in found]


def _label(one: "PathDistribution") -> str:
    metadata = one.metadata
    return f"{metadata['Name'] or 'unknown'} {metadata['Version'] or 'unknown'}"
