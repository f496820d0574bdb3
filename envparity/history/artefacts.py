"""Fetches the artefacts (wheels and sdists) of chosen releases with pip, and reads them, in a separate thread."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Condition, Thread
from types import TracebackType
from typing import Self

from envparity.errors import EnvparityError
from envparity.history.cache import Archive
from envparity.history.contents import Contents, Unreadable, read_contents
from envparity.history.resolver import Selected
from envparity.index.clients import IndexClients
from envparity.index.fetch import fetch
from envparity.text import visible

_BATCH = 60  # the most artefacts that one run of pip fetches
_LARGEST = 300 << 20  # bytes; a larger wheel takes too long to fetch only for its list of files


class Artefacts:
    """A thread that fetches and reads the artefacts of releases; a release is named by `name==version`.

    Use it as a context manager. The end of the `with` block forgets the releases that the thread has not fetched yet,
    and waits for the running fetch. `unread` maps a release to the reason why its import names are unknown. `archive`
    keeps the contents of the artefacts, and `series` is the minor version of Python for which pip fetches, for example
    3.11.
    """

    def __init__(self, archive: Archive, clients: IndexClients, series: str) -> None:
        self._archive = archive
        self._clients = clients
        self._series = series
        self._waiting: dict[str, Selected] = {}
        self._known: dict[str, Contents] = {}
        self.unread: dict[str, str] = {}
        self._changed = Condition()
        self._closed = False
        self._failure: Exception | None = None
        self._thread = Thread(target=self._work, name="artefacts", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close(forget=True)

    def want(self, releases: Iterable[Selected]) -> None:
        """Queue releases for reading, except those that were read before."""
        with self._changed:
            for one in releases:
                if one.key not in self._known and one.key not in self.unread:
                    self._waiting.setdefault(one.key, one)
            self._changed.notify()

    def finish(self) -> dict[str, Contents]:
        """Wait until every queued release is read; return a dict from `name==version` to the contents of the release.

        Raise IndexUnreachable if pip cannot reach the index. Raise EnvparityError if pip is missing or a file cannot be
        written.
        """
        self._close(forget=False)
        if self._failure is not None:
            raise self._failure
        return self._known

    def left(self) -> int:
        """Return how many queued releases have not been read yet."""
        with self._changed:
            return len(self._waiting)

    def _close(self, *, forget: bool) -> None:
        with self._changed:
            self._closed = True
            if forget:
                self._waiting.clear()
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        try:
            while batch := self._next():
                self._read(batch)
        except OSError as error:
            self._failure = EnvparityError(
                f"history: expected to write wheels to a temporary folder, found: {error.strerror}"
            )
        except Exception as failure:  # noqa: BLE001 - `finish` raises the failure in the thread that waits
            self._failure = failure

    def _next(self) -> list[Selected]:
        """Return the releases to fetch in the next run of pip; an empty list when the thread must end.

        Each name is in the list at most once, because one run of pip accepts only one version of a name.
        """
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                if not self._waiting:
                    return []
                batch: dict[str, Selected] = {}
                for one in self._waiting.values():
                    if len(batch) < _BATCH:
                        batch.setdefault(one.name, one)
            missing = [one for one in batch.values() if not self._kept(one)]
            if missing:
                return missing

    def _kept(self, one: Selected) -> bool:
        """Return whether the result for a release is known without pip; if it is known, record the result.

        The result is the contents in the archive, or the reason why pip does not fetch the release.
        """
        hashes = one.wheels or ((one.sdist,) if one.sdist else ())
        found: Contents | str | None = self._archive.find(hashes)
        if not hashes:
            found = "the index gives no hash of its files"
        elif found is None and one.size > _LARGEST:
            found = f"its wheel has {one.size >> 20} MiB, and envparity fetches no wheel over {_LARGEST >> 20} MiB"
        if found is not None:
            self._done(one, found)
        return found is not None

    def _done(self, one: Selected, found: Contents | str) -> None:
        with self._changed:
            if isinstance(found, Contents):
                self._known[one.key] = found
                if found.is_silent:
                    self.unread[one.key] = "it has no wheel that fits, and its sdist does not list its modules"
            else:
                self.unread[one.key] = visible(found)
            self._waiting.pop(one.key, None)

    def _read(self, batch: Sequence[Selected]) -> None:
        with TemporaryDirectory() as name:
            failure = self._fetch(batch, Path(name))
            for path in sorted(Path(name, "artefacts").glob("*")):
                self._take(path, batch)
        rest = [one for one in batch if one.key in self._waiting]
        if len(rest) > 1:
            for one in rest:  # one release can make pip fail for the whole batch, so fetch each release alone
                self._read([one])
        elif rest:
            self._done(rest[0], failure or "pip fetched a file with another hash")

    def _take(self, path: Path, batch: Sequence[Selected]) -> None:
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        for one in batch:
            if sha256 in one.wheels or sha256 == one.sdist:
                try:
                    contents = read_contents(path)
                except Unreadable as unreadable:
                    self._done(one, str(unreadable))
                else:
                    self._archive.keep(sha256, contents)
                    self._done(one, contents)

    def _fetch(self, batch: Sequence[Selected], folder: Path) -> str | None:
        """Fetch the artefacts into `folder` with pip; return None, or the reason why pip failed.

        pip accepts only a file with one of the hashes. Raise IndexUnreachable if pip cannot reach the index, and
        EnvparityError if pip is missing.
        """
        lines = [
            " ".join([one.key, *(f"--hash=sha256:{sha256}" for sha256 in one.wheels or (one.sdist,))]) for one in batch
        ]
        said = fetch(
            self._clients,
            lines,
            folder / "artefacts",
            "--require-hashes",
            series=self._series,
            purpose="history",
        )
        if isinstance(said, str):
            return said
        return None if said.status == 0 else f"pip could not fetch its file: {said.reason[-200:]}"
