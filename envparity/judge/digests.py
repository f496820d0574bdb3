"""The digests in a report. They say which environment, which lock and which image the report is about.

`envparity attest` puts the digests into a statement that somebody can sign, and `envparity verify` compares them with
an environment.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated

import msgspec

from envparity.judge.subject import Subject
from envparity.snapshot.types import Snapshot, doc

_OF_THE_USER = "user/"  # paths in the user's site folder, which is outside the environment, begin with this text


@dataclass(frozen=True)
class Digests:
    """The SHA-256 of one environment, of its lock and of its image. Each is 64 hex digits."""

    contents: Annotated[
        str,
        doc(
            "The digest of the environment: its interpreter, its standard library, its start-up code, and the path, "
            "the permissions and the bytes of each file. The digest does not depend on the machine, or on the options "
            "with which envparity read the environment. A copy in another folder may have another digest, because "
            "scripts contain the path of the folder."
        ),
    ]
    snapshot: Annotated[str | None, doc("The digest of the file that `envparity snapshot` writes; null: unknown.")] = (
        None
    )
    lock: Annotated[str | None, doc("The digest of the bytes of the lock; null: no lock.")] = None
    images: Annotated[
        tuple[str, ...],
        doc(
            "The digest of the image's configuration (the image ID), and of its manifest in an OCI layout; empty: "
            "no image was read from outside."
        ),
    ] = ()


def digests_of(subject: Subject) -> Digests:
    """Return the digests of an environment, of its lock and of its image."""
    lock = subject.lock.sha256 if subject.lock else None
    return Digests(contents_digest(subject.snapshot), subject.sha256, lock, subject.images)


def contents_digest(snapshot: Snapshot) -> str:
    """Return the SHA-256, in hex, of an environment: its interpreter, files, standard library and start-up code.

    Write these facts as JSON with sorted keys, and hash the JSON. Leave out facts that depend on the machine, such as
    its tools, and facts that depend on the options of envparity, such as the state of bytecode.
    """
    python, links = snapshot.interpreter, snapshot.located.links
    facts = {
        "interpreter": [python.implementation, python.version, python.platform, python.binary, python.libpython],
        "files": {
            path: [file.kind, file.mode, file.sha256, links.get(path) or file.target]
            for path, file in snapshot.files.items()
        },
        "standard library": {
            folder: {name: digest.removeprefix("altered:") for name, digest in names.items()}
            for folder, names in snapshot.standard_library.items()
        },
        "start-up code": sorted(
            [hook.kind, hook.path, hook.sha256 or ""]
            for hook in snapshot.startup
            if not hook.path.startswith(_OF_THE_USER)
        ),
    }
    return sha256(msgspec.json.encode(facts, order="deterministic")).hexdigest()
