"""Fetches the wheels of pins with pip, checks each file against the hashes of its pin, and reads the wheels."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from envparity.artefacts.artefact import Wheel
from envparity.artefacts.cache import WheelCache
from envparity.artefacts.wheel import Unreadable, read_wheel
from envparity.errors import EnvparityError
from envparity.index.clients import IndexClients
from envparity.index.fetch import fetch
from envparity.project.locks.lock import Pin

_BATCH = 25  # the most wheels that one run of pip fetches; they are on the disk at the same time
_CHUNK = 1 << 20
_NONE = re.compile(r"No matching distribution found for ([A-Za-z0-9][\w.-]*?)\s*(?:[=<>!~;@(]|$)", re.MULTILINE)


class Download:
    """Several runs of pip, and the wheels that they fetched.

    `wheels` maps the name of a pin to its wheel. `absent` maps the name of every other pin to the reason why no wheel
    was fetched. `series` is the version of Python, for example `3.11`, and `options` are further options of pip. Each
    run asks for wheels only, so that pip never runs code of an sdist.
    """

    def __init__(self, clients: IndexClients, cache: WheelCache, series: str, options: Sequence[str]) -> None:
        self._clients = clients
        self._cache = cache
        self._series = series
        self._options = options
        self.wheels: dict[str, Wheel] = {}
        self.absent: dict[str, str] = {}

    def run(self, pins: Sequence[Pin]) -> None:
        """Fetch a wheel of each pin. pip fetches pins with a hash and pins without a hash in separate runs.

        Raise IndexUnreachable if pip cannot reach the index, and EnvparityError if pip is missing or no file can be
        written.
        """
        for hashed in (True, False):
            these = [pin for pin in pins if bool(hashes_of(pin)) is hashed]
            for start in range(0, len(these), _BATCH):
                self._batch(these[start : start + _BATCH])

    def _batch(self, pins: list[Pin]) -> None:
        """Fetch a wheel of each pin.

        If pip fails and says which pins have no wheel, leave these pins out and run pip again. If pip fails and does
        not say this, fetch each pin alone.
        """
        while pins:
            try:
                with TemporaryDirectory(prefix="envparity-") as folder:
                    refused = self._once(pins, Path(folder))
            except OSError as error:
                raise EnvparityError(
                    f"--artefacts: expected to write wheels to a temporary folder, found: {error.strerror}"
                ) from error
            left = [pin for pin in pins if pin.name not in self.wheels and pin.name not in self.absent]
            if refused is None or len(pins) == 1:
                for pin in left:
                    self.absent[pin.name] = _reason(refused or "pip fetched no file that has a hash of the lock")
                return
            named = {canonicalize_name(name) for name in _NONE.findall(refused)} & {pin.name for pin in left}
            for name in named:
                self.absent[name] = _reason(refused)
            if not named:
                for pin in left:
                    self._batch([pin])
                return
            pins = [pin for pin in left if pin.name not in named]

    def _once(self, pins: Sequence[Pin], folder: Path) -> str | None:
        """Run pip once, and read the fetched wheels. Return the reason why pip failed; None if pip succeeded."""
        options = ["--only-binary=:all:", *self._options]
        if hashes_of(pins[0]):
            options.append("--require-hashes")
        lines = [_line(pin) for pin in pins]
        said = fetch(self._clients, lines, folder / "wheels", *options, series=self._series, purpose="--artefacts")
        for path in sorted((folder / "wheels").glob("*.whl")):
            self._take(path, pins)
        if isinstance(said, str):
            return said
        return None if said.status == 0 else said.reason

    def _take(self, path: Path, pins: Sequence[Pin]) -> None:
        """Read a fetched wheel and keep its contents. If the pin has hashes, ignore a wheel that has none of them."""
        try:
            name = parse_wheel_filename(path.name)[0]
        except InvalidWheelFilename:
            return
        pin = next((pin for pin in pins if pin.name == name), None)
        if pin is None:
            return
        wanted = hashes_of(pin)
        algorithms = {one.partition(":")[0] for one in wanted} | {"sha256"}
        found = digests(path, algorithms & hashlib.algorithms_guaranteed)
        if wanted and not wanted & found:
            return
        try:
            wheel = read_wheel(path)
        except Unreadable as unreadable:
            self.absent[pin.name] = str(unreadable)
            return
        for one in found & wanted:
            self._cache.keep(one, wheel)
        self.wheels[pin.name] = wheel


def digests(path: Path, algorithms: Sequence[str] | set[str]) -> set[str]:
    """Return the hashes of a file, one for each algorithm, as texts such as `sha256:HEX`."""
    made = [hashlib.new(name) for name in algorithms if not name.startswith("shake")]
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            for digest in made:
                digest.update(chunk)
    return {f"{digest.name}:{digest.hexdigest()}" for digest in made}


def hashes_of(pin: Pin) -> frozenset[str]:
    """Return the hashes of a pin: the hashes in the lock, and the hash at the end of its URL (`#sha256=HEX`)."""
    fragment = urlsplit(pin.url).fragment if pin.url else ""
    found = re.findall(r"(?:^|&)(sha\d+)=([0-9a-f]+)", fragment)
    return pin.hashes | {f"{algorithm}:{digest}" for algorithm, digest in found}


def is_wheel(pin: Pin) -> bool:
    """Return whether a wheel of a pin may exist: the pin names a release, or the URL of a wheel."""
    return pin.url is None or unquote(urlsplit(pin.url).path).endswith(".whl")


def _line(pin: Pin) -> str:
    """Return the line that asks pip for a pin, without the marker, which envparity has evaluated already."""
    words = f"{pin.name} @ {pin.url}" if pin.url else f"{pin.name}=={pin.version}"
    if pin.url is None and any(one.operator == "===" for one in pin.requirement.specifier):
        words = f"{pin.name}==={pin.version}"
    return " ".join([words, *(f"--hash={one}" for one in sorted(hashes_of(pin)))])


def _reason(said: str) -> str:
    return "the index has no wheel that fits and that the lock names" if "No matching" in said else said[-200:]
