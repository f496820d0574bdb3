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
    in the wheel to the SHA-256 of its bytes, in hex. `scripts` maps the path of each script that begins with `#!python`
    to its bytes. Installers rewrite the first line of such a script. `commands` maps the name of each entry point for a
    script to `MODULE:FUNCTION`. `extras` are the names of the entry points that need an extra. Some installers make no
    scripts for these entry points.
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
"""Where an artefact comes from.

`lock`: the lock has the hash of the wheel. `built`: the project built the wheel again. `url`, `index`: the lock has no
hash, and the wheel comes from the URL in the lock or from the package index.
"""


@dataclass(frozen=True)
class Artefact:
    """The wheel that a distribution is compared with, and where this wheel comes from."""

    wheel: Wheel
    basis: Basis


@dataclass(frozen=True)
class Artefacts:
    """The artefacts of one environment.

    `found` maps the canonical name of a distribution to its artefact. `absent` maps the name of a distribution without
    an artefact to the reason, for example `it is installed as editable`.
    """

    found: Mapping[str, Artefact] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
