"""The types of artefacts: a wheel and its contents, and the artefacts of one environment.

In this package, an artefact is the wheel that an installed distribution is compared with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import msgspec


class Wheel(msgspec.Struct, frozen=True):
    """The contents of one wheel.

    `info` is the name of the wheel's metadata folder. `tags` are the wheel's compatibility tags. `files` maps each path
    in the wheel to the SHA-256 of its bytes, in hex. `scripts` has the bytes of each script whose first line names a
    Python. Installers rewrite this line. `commands` maps the name of each entry point for a script to
    `MODULE:FUNCTION`. `extras` are the names of the entry points that need an extra. Some installers make no scripts
    for these entry points.
    """

    name: str
    version: str
    info: str
    tags: tuple[str, ...] = ()
    files: dict[str, str] = {}
    scripts: dict[str, bytes] = {}
    commands: dict[str, str] = {}
    extras: tuple[str, ...] = ()


Basis = Literal["lock", "built", "url", "index"]
"""The source of an artefact: a hash in the lock names it, this machine built it, or a URL or the index offers it."""


@dataclass(frozen=True)
class Artefact:
    """The wheel that a distribution is compared with, and the source of this wheel."""

    wheel: Wheel
    basis: Basis


@dataclass(frozen=True)
class Artefacts:
    """The artefacts of one environment, in `found`, by the canonical names of the installed distributions.

    `absent` maps the name of a distribution without an artefact to the reason, for example `it is installed as
    editable`.
    """

    found: Mapping[str, Artefact] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
