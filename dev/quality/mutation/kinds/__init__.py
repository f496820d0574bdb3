"""The kinds of mutation, a module for what is broken; importing this enters them all into the table."""

from dev.quality.mutation.kinds import (
    bytecode,
    distributions,
    environment,
    files,
    forged,
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
    "links",
    "metadata",
    "names",
    "ownership",
    "records",
]
