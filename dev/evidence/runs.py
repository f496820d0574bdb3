"""Reading and writing the recorded runs as JSON files."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from dev.command.errors import CommandError
from dev.evidence.builds import Builds
from dev.evidence.cures import Cures
from dev.evidence.faults.examples import Example
from dev.evidence.fresh import Fresh
from dev.incident.facts import Incident
from dev.matrix.dialing import Dialing
from envparity.history.bisect import Bisection
from envparity.history.record import History

FOLDER = Path(__file__).with_name("recorded")


@dataclass(frozen=True)
class Evidence:
    """One recorded run of each kind; each field is stored in a file named after the field.

    `before` is the history of the versions that libp2p 0.3.0 brought in. That release was current when the environments
    began to differ. `after` is the history of libp2p 0.4.0, the release in the Docker image that failed.
    """

    before: History
    after: History
    incident: Incident
    bisection: Bisection
    cures: Cures
    fresh: Fresh
    toolchain: Builds
    performance: Dialing
    examples: tuple[Example, ...]


_KINDS: dict[str, Any] = get_type_hints(Evidence)


def read_evidence(folder: Path = FOLDER) -> Evidence:
    """Return the recorded runs in `folder`. Raises CommandError if a file is missing or has another format."""
    found: dict[str, Any] = {}
    for name, kind in _KINDS.items():
        path = folder / f"{name}.json"
        try:
            found[name] = msgspec.json.decode(path.read_bytes(), type=kind)
        except (OSError, msgspec.MsgspecError) as error:
            raise CommandError(
                f"expected {path.name} as scripts/docs writes it, found: {error}; "
                "record it again with: scripts/docs --record all"
            ) from error
    return Evidence(**found)


def write_evidence(evidence: Evidence, folder: Path = FOLDER) -> None:
    """Write each run into `folder` as indented JSON that a person can read; make the folder if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _KINDS:
        write_run(name, getattr(evidence, name), folder)


def write_run(name: str, run: object, folder: Path = FOLDER) -> None:
    """Write one run into `folder`; `name` is the name of its field in `Evidence`."""
    data = msgspec.json.format(msgspec.json.encode(run), indent=1)
    (folder / f"{name}.json").write_bytes(data + b"\n")
