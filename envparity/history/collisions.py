"""Finds import names and other paths that several distributions provide, from the files that their wheels install."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from envparity.documents import is_document
from envparity.history.contents import Contents
from envparity.text import visible


@dataclass(frozen=True)
class Collision:
    """An import name with more than one provider, or a folder with files for which the providers have different bytes.

    `name` is the import name, or one of `site/`, `scripts/` and `data/` for files that belong to no import name.
    `providers` are distributions as `name version`. `paths` are the files for which the providers have different bytes.
    There are two cases without such files: the providers have the name at different paths, and Python imports only one
    of them; or a provider is an sdist, whose files are unknown until somebody builds it.
    """

    name: str
    providers: tuple[str, ...]
    paths: tuple[str, ...]

    @property
    def distributions(self) -> frozenset[str]:
        """Return the names of the providers, without their versions."""
        return frozenset(one.partition(" ")[0] for one in self.providers)


def collisions(together: Sequence[Contents]) -> tuple[Collision, ...]:
    """Return the collisions between distributions that are installed together: import names first, other files last."""
    owners: dict[str, list[Contents]] = defaultdict(list)
    for one in together:
        for name in one.names:
            owners[name].append(one)
    shared = {name: those for name, those in sorted(owners.items()) if len(those) > 1}
    named = [found for name, those in shared.items() for found in _of(name, those)]
    return (*named, *_elsewhere(together))


def _elsewhere(together: Sequence[Contents]) -> Iterator[Collision]:
    """Yield the collisions of files that belong to no import name: at most one each for site/, scripts/ and data/."""
    wanted: dict[str, dict[str, list[Contents]]] = defaultdict(lambda: defaultdict(list))
    for one in together:
        within = {path for name in one.names for path in _files(one, name)}
        files = {
            f"site/{path}": value for path, value in one.files.items() if path not in within and not is_document(path)
        }
        for path, value in (files | one.outside).items():
            wanted[path][value].append(one)
    folders: dict[str, dict[str, dict[str, list[Contents]]]] = defaultdict(dict)
    for path, claims in sorted(wanted.items()):
        if len(claims) > 1:
            folders[path[: path.index("/") + 1]][path] = claims
    for folder, contested in sorted(folders.items()):
        yield _collision(
            folder, (one for claims in contested.values() for each in claims.values() for one in each), contested
        )


def _of(name: str, those: Sequence[Contents]) -> Iterator[Collision]:
    wanted: dict[str, dict[str, list[Contents]]] = defaultdict(lambda: defaultdict(list))
    for one in those:
        for path in _files(one, name):
            wanted[path][one.files[path]].append(one)
    # A file that has the same bytes in all distributions does no harm.
    contested = {path: claims for path, claims in wanted.items() if len(claims) > 1}
    if contested:
        yield _collision(
            name, (one for claims in contested.values() for each in claims.values() for one in each), contested
        )
        return
    bringing = [one for one in those if name in one.importable]
    # The path of a module in an sdist is unknown, so it counts as different from every other path.
    locations = {(*one.names[name].items(), one.name * ("unbuilt" in one.names[name].values())) for one in bringing}
    if len(bringing) > 1 and len(locations) > 1:
        yield _collision(name, bringing, ())


def _files(one: Contents, name: str) -> Iterator[str]:
    """Yield the files of an import name: its modules, and everything in its folder."""
    for place, kind in one.names[name].items():
        if kind in ("module", "extension"):
            yield place
        elif kind != "unbuilt":
            yield from (path for path in one.files if path.startswith(f"{place}/"))


def _collision(name: str, providers: Iterable[Contents], paths: Iterable[str]) -> Collision:
    labels = sorted({visible(one.label) for one in providers})
    return Collision(visible(name), tuple(labels), tuple(visible(path) for path in sorted(paths)))
