"""The recorded runs that the documents are made from."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from dev.command.errors import CommandError
from dev.evidence.builds import Builds
from dev.evidence.cures import Cures
from dev.evidence.fresh import Fresh
from dev.incident.facts import Record
from dev.matrix.dialing import Dialing
from envparity.history.bisect import Bisection
from envparity.history.record import History

FOLDER = Path(__file__).with_name("recorded")


@dataclass(frozen=True)
class Evidence:
    """One of each; the names of the files are those of the fields.

    `before` is the history of libp2p 0.3.0, the release of the day on which the environments parted; `after` that of
    0.4.0, the release of the image.
    """

    before: History
    after: History
    incident: Record
    bisection: Bisection
    cures: Cures
    fresh: Fresh
    toolchain: Builds
    performance: Dialing


_KINDS: dict[str, Any] = {
    "before": History,
    "after": History,
    "incident": Record,
    "bisection": Bisection,
    "cures": Cures,
    "fresh": Fresh,
    "toolchain": Builds,
    "performance": Dialing,
}


def read_evidence(folder: Path = FOLDER) -> Evidence:
    """What was recorded; CommandError where a file is missing or not what it should be."""
    found: dict[str, Any] = {}
    for name, kind in _KINDS.items():
        path = folder / f"{name}.json"
        try:
            found[name] = msgspec.json.decode(path.read_bytes(), type=kind)
        except (OSError, msgspec.MsgspecError) as error:
            raise CommandError(
                f"expected {path.name} as scripts/why --record writes it, found: {error}; record it anew"
            ) from error
    return Evidence(**found)


def write_evidence(evidence: Evidence, folder: Path = FOLDER) -> None:
    """Write each run, so that a person can read it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _KINDS:
        write_run(name, getattr(evidence, name), folder)


def write_run(name: str, run: object, folder: Path = FOLDER) -> None:
    """Write one run, by the name of its field."""
    data = msgspec.json.format(msgspec.json.encode(run), indent=1)
    (folder / f"{name}.json").write_bytes(data + b"\n")
