"""Wheels and sdists of chosen releases, fetched by pip and read, a few at a time, while others still resolve."""

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
from envparity.history.resolver import IndexUnreachable, Selected
from envparity.index.clients import EXTRA, ClientMissing, ClientSilent, IndexClients, pip_command
from envparity.text import visible

_BATCH = 60  # artefacts that one pip is asked for
_LARGEST = 300 << 20  # bytes of a wheel that is worth fetching for its list of files
_TIME = 900.0  # seconds that it may take


class Artefacts:
    """What is in releases, by `name==version`; as a context, ends its work when left.

    `unread` says of a release why its artefact could not be read.
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
        """Have these read; those that were are not again."""
        with self._changed:
            for one in releases:
                if one.key not in self._known and one.key not in self.unread:
                    self._waiting.setdefault(one.key, one)
            self._changed.notify()

    def finish(self) -> dict[str, Contents]:
        """Wait until all is read; IndexUnreachable where that could not be."""
        self._close(forget=False)
        if self._failure is not None:
            raise self._failure
        return self._known

    def left(self) -> int:
        """How many are still to be read."""
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
            self._failure = EnvparityError(f"history: expected room to fetch wheels to, found: {error.strerror}")
        except Exception as failure:  # noqa: BLE001 - whoever waits for the wheels raises it
            self._failure = failure

    def _next(self) -> list[Selected]:
        """The releases to fetch together, a name once: pip installs no name twice. None is the end."""
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
        """Settle one without fetching it, if that can be."""
        hashes = one.wheels or ((one.sdist,) if one.sdist else ())
        found: Contents | str | None = self._archive.find(hashes)
        if not hashes:
            found = "the index gives no hash of it"
        elif found is None and one.size > _LARGEST:
            found = f"its wheel has {one.size >> 20} MiB, and none over {_LARGEST >> 20} MiB is fetched"
        if found is not None:
            self._done(one, found)
        return found is not None

    def _done(self, one: Selected, found: Contents | str) -> None:
        with self._changed:
            if isinstance(found, Contents):
                self._known[one.key] = found
                if found.is_silent:
                    self.unread[one.key] = "it has no wheel that fits, and its source does not say which modules it has"
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
            for one in rest:  # one of them is why the others were not fetched
                self._read([one])
        elif rest:
            self._done(rest[0], failure or "pip fetched another file of it")

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
        """Have pip put the artefacts into a folder; why it did not. It takes no other than those of these hashes."""
        lines = [
            " ".join([one.key, *(f"--hash=sha256:{sha256}" for sha256 in one.wheels or (one.sdist,))]) for one in batch
        ]
        wanted = folder / "wanted.txt"
        wanted.write_text("\n".join(lines) + "\n", encoding="utf-8")
        try:
            said = self._clients.run(
                [
                    *(*pip_command(), "download", "-q", "--no-deps", "--require-hashes", "--no-input"),
                    # That it tries again is how it says that it cannot get there.
                    *("--disable-pip-version-check", "--retries", "2", "--ignore-requires-python"),
                    *("--python-version", self._series),
                    *("-d", str(folder / "artefacts"), "-r", str(wanted)),
                ],
                timeout=_TIME,
                folder=folder,
            )
        except ClientMissing as missing:
            raise EnvparityError(f"history: expected pip to fetch wheels with, found {missing}; {EXTRA}") from missing
        except ClientSilent as silent:
            return str(silent)
        if said.unreachable:
            raise IndexUnreachable(
                "index: expected to reach where pip takes packages from, to read what wheels hold, found no way to it; "
                "what was read is kept, so ask again to go on"
            )
        return None if said.status == 0 else f"pip could not fetch it: {said.reason[-200:]}"
