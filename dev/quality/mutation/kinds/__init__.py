"""The kinds of mutation; importing this package registers all kinds. For example, `links` replaces files by links."""

from dev.quality.mutation.kinds import (
    bytecode,
    distributions,
    environment,
    files,
    forged,
    hooks,
    installation,
    links,
    metadata,
    names,
    ownership,
    records,
)

__all__ = [
    "bytecode",
    "distributions",
    "environment",
    "files",
    "forged",
    "hooks",
    "installation",
    "links",
    "metadata",
    "names",
    "ownership",
    "records",
]
