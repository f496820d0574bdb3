"""Finds the artefact of each installed distribution: the wheel that belongs to its pin in the lock.

The installed file WHEEL lists the compatibility tags of the wheel, but somebody may have edited this file. So envparity
uses these tags only to choose between the wheels that the lock names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from envparity.artefacts.artefact import Artefact, Artefacts, Wheel
from envparity.artefacts.cache import WheelCache
from envparity.artefacts.download import Download, digests, hashes_of, is_wheel
from envparity.artefacts.tags import options_for, options_for_machine, platforms_of
from envparity.artefacts.wheel import Unreadable, read_wheel
from envparity.errors import EnvparityError
from envparity.index.clients import IndexClients, IndexUnreachable
from envparity.project.locks.lock import Pin, same_version
from envparity.snapshot.types import Distribution, Snapshot
from envparity.text import visible


@dataclass(frozen=True)
class Chain:
    """Finds artefacts, in the cache or with pip. `built` is the folder of wheels that the project built again."""

    cache: WheelCache
    clients: IndexClients
    built: Path | None = None

    def artefacts(self, snapshot: Snapshot, pins: Mapping[str, Pin]) -> Artefacts:
        """Return the artefacts of the installed distributions; `pins` are the pins that apply to the environment.

        Raise IndexUnreachable if the cache lacks a wheel and pip cannot reach the index. Raise EnvparityError if pip is
        missing, or if a file cannot be read or written.
        """
        search = _Search(self, snapshot, pins)
        search.run()
        return Artefacts(search.found, search.absent)


class _Search:
    """One search for the artefacts of one environment."""

    def __init__(self, chain: Chain, snapshot: Snapshot, pins: Mapping[str, Pin]) -> None:
        self._chain = chain
        self._snapshot = snapshot
        self._pins = pins
        self._built = _built_wheels(chain.built, chain.cache) if chain.built else {}
        self.found: dict[str, Artefact] = {}
        self.absent: dict[str, str] = {}
        self._others: dict[str, Artefact] = {}  # by name: the best wheel of the pin that is not the installed wheel

    def run(self) -> None:
        """Find the artefacts. Add them to `found`, and the reasons why artefacts are missing to `absent`."""
        wanted = [name for name, one in self._snapshot.by_name.items() if self._is_wanted(name, one)]
        asked = [name for name in wanted if not self._known(name)]
        for name in list(asked):
            if (reason := self._chain.cache.absent(self._question(name))) is not None and name not in self._others:
                self.absent[name] = reason
                asked.remove(name)
        try:
            self._ask(asked)
        except IndexUnreachable:
            for name in asked:
                self._settle(name, self._chain.cache.absent(self._question(name), old=True))
            if any(name not in self.found and name not in self.absent for name in asked):
                raise

    def _is_wanted(self, name: str, one: Distribution) -> bool:
        """Return whether a distribution can have an artefact; otherwise note the reason in `absent`.

        For a distribution that the system's package manager manages, return False and note no reason.
        """
        pin = self._pins.get(name)
        if one.metadata.partition("/")[0] in self._snapshot.interpreter.managed_sites:
            return False
        reason = None
        if pin is None:
            reason = "the lock does not pin it"
        elif one.editable:
            reason = "it is installed as editable"
        elif pin.version is not None and not same_version(one.version, pin.version):
            reason = f"the lock pins {visible(pin.version)}"
        if reason is not None:
            self.absent[name] = reason
        return reason is None

    def _known(self, name: str) -> bool:
        """Note the artefact of a distribution, or the reason why it has none, and return True.

        Return False if only pip can find the artefact.
        """
        pin, one = self._pins[name], self._snapshot.by_name[name]
        built = [Artefact(wheel, "built") for wheel in self._built.get((name, _normal(one.version)), ())]
        if pin.from_source or not is_wheel(pin):
            self._note_best(name, built)
            if not built:
                self.absent[name] = "the lock says that it is built from source" if pin.from_source else _source(pin)
            return True
        cached = [Artefact(wheel, "lock") for wheel in self._chain.cache.find(hashes_of(pin)).values()]
        if fitting := [candidate for candidate in (*cached, *built) if self._fits(candidate.wheel, one)]:
            self._note_best(name, fitting)
            return True
        usable = [candidate for candidate in cached if self._is_usable(candidate.wheel)]
        self._note_other(name, [*usable, *built])
        return False

    def _ask(self, names: Sequence[str]) -> None:
        """Ask pip for wheels in up to three rounds, each for distributions that have no artefact yet.

        The first round asks with the tags of all distributions, in few runs of pip. If pip then fetches another wheel
        than the installed wheel, the second round asks again with the tags of that distribution only. The third round
        asks for any wheel that this environment can use, because the tags in a wheel may differ from those in its name.
        """
        tags = [tag for name in names for tag in self._snapshot.by_name[name].tags]
        left = self._round(names, options_for(self._snapshot, dict.fromkeys(tags)))
        for name in [name for name in left if name in self._others]:
            self._round([name], options_for(self._snapshot, self._snapshot.by_name[name].tags))
        left = [name for name in left if name not in self.found]
        reasons = self._last_round(left)
        for name in left:
            self._settle(name, reasons.get(name))

    def _round(self, names: Sequence[str], options: Sequence[str]) -> list[str]:
        """Fetch the wheels of these distributions, note the artefacts, and return the names without an artefact."""
        self._fetch(names, options)
        return [name for name in names if name not in self.found]

    def _last_round(self, names: Sequence[str]) -> dict[str, str]:
        return self._fetch(names, options_for_machine(self._snapshot))

    def _fetch(self, names: Sequence[str], options: Sequence[str]) -> dict[str, str]:
        """Fetch the wheels of these distributions, note them, and return the reason for each name without a wheel."""
        if not names:
            return {}
        chain = self._chain
        download = Download(chain.clients, chain.cache, self._snapshot.interpreter.series, options)
        download.run([self._pins[name] for name in names])
        for name, wheel in download.wheels.items():
            pin = self._pins[name]
            artefact = Artefact(wheel, "lock" if hashes_of(pin) else "url" if pin.url else "index")
            if self._fits(wheel, self._snapshot.by_name[name]):
                self.found[name] = artefact
            else:
                self._note_other(name, [artefact])
        return download.absent

    def _settle(self, name: str, reason: str | None) -> None:
        """Note a result for a distribution for which the installed wheel was not found.

        The result is another wheel of its pin, or else `reason`, which the cache keeps too. If there is neither a wheel
        nor a reason, note nothing.
        """
        if name in self.found:
            return
        if name in self._others:
            self.found[name] = self._others[name]
        elif reason is not None:
            self.absent[name] = reason
            self._chain.cache.keep_absent(self._question(name), reason)

    def _question(self, name: str) -> str:
        """Return a text with everything that decides whether the index has a fitting wheel, as a key for the cache."""
        pin, snapshot = self._pins[name], self._snapshot
        tags = (self._snapshot.by_name[name].tags, snapshot.interpreter.abi, platforms_of(snapshot))
        return repr((pin.name, pin.version, pin.url, sorted(pin.hashes), snapshot.interpreter.series, tags))

    def _fits(self, wheel: Wheel, one: Distribution) -> bool:
        """Return whether a wheel was probably installed as `one`: both have the same WHEEL file, or the same tags."""
        file = self._snapshot.files.get(f"{one.metadata}/WHEEL")
        recorded = wheel.files.get(f"{wheel.info}/WHEEL")
        return (file is not None and file.sha256 is not None and file.sha256 == recorded) or wheel.tags == one.tags

    def _is_usable(self, wheel: Wheel) -> bool:
        platforms = {*platforms_of(self._snapshot), "any"}
        return any(tag.rpartition("-")[2] in platforms for tag in wheel.tags)

    def _note_best(self, name: str, candidates: Sequence[Artefact]) -> None:
        """Note the candidate that has the most files in common with the environment; without candidates, do nothing."""
        if candidates:
            self.found[name] = max(candidates, key=lambda one: self._agreement(name, one.wheel))

    def _note_other(self, name: str, candidates: Sequence[Artefact]) -> None:
        every = [*([self._others[name]] if name in self._others else []), *candidates]
        if every:
            self._others[name] = max(every, key=lambda one: self._agreement(name, one.wheel))

    def _agreement(self, name: str, wheel: Wheel) -> int:
        site = self._snapshot.by_name[name].metadata.partition("/")[0]
        files = self._snapshot.files
        return sum(
            (file := files.get(f"{site}/{path}")) is not None and file.sha256 == sha256
            for path, sha256 in wheel.files.items()
        )


def _source(pin: Pin) -> str:
    commit = (pin.url or "").startswith(("git+", "hg+", "svn+", "bzr+"))
    return f"the lock pins {'a commit' if commit else 'the URL of an sdist'}"


def _built_wheels(folder: Path, cache: WheelCache) -> dict[tuple[str, str], list[Wheel]]:
    """Return the wheels in a folder by canonical name and version; raise EnvparityError if a wheel cannot be read."""
    found: dict[tuple[str, str], list[Wheel]] = {}
    try:
        for path in sorted(folder.glob("*.whl")):
            try:
                name, version, *_ = parse_wheel_filename(path.name)
                (of,) = digests(path, {"sha256"})
                wheel = cache.find([of]).get(of) or read_wheel(path)
            except (InvalidWheelFilename, Unreadable) as error:
                raise EnvparityError(f"{visible(str(path))}: expected a wheel, found: {visible(str(error))}") from error
            cache.keep(of, wheel)
            found.setdefault((canonicalize_name(name), str(version)), []).append(wheel)
    except OSError as error:
        raise EnvparityError(f"{visible(str(folder))}: expected a folder of wheels, found: {error.strerror}") from error
    return found


def _normal(version: str | None) -> str:
    try:
        return str(Version(version or ""))
    except InvalidVersion:
        return version or ""
