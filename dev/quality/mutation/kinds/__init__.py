"""The kinds of mutation, one module for each thing that is broken; importing this package registers all kinds."""

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
