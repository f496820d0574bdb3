"""Helpers for tests of the probe, envparity's program that runs in an environment and prints a snapshot.

A snapshot is a JSON document that lists the environment's files and distributions.
"""

from typing import Any

import msgspec
from judging import codes, subject

from envparity.judge.judgement import check
from envparity.snapshot.types import Distribution, Snapshot


def only_distribution(snapshot: Snapshot) -> Distribution:
    """Return the only distribution of an environment. Raises ValueError unless it has exactly one distribution."""
    (found,) = snapshot.distributions
    return found


def wrong(snapshot: Snapshot) -> set[str]:
    """Check a snapshot without a lock; return the codes of all findings, except `unlocked`."""
    return codes(check(subject(snapshot))) - {"unlocked"}


def comparable(data: bytes) -> Any:
    """Return a decoded snapshot without the fields that may depend on the environment's folder.

    The rest is equal for all environments with the same lock, in any folder. The removed fields are `located`, and the
    hash, the size and the claims of each file that also has a hash without the folder's path (`normal`).
    """
    document = msgspec.json.decode(data)
    document.pop("located")
    for facts in document["files"].values():
        if "normal" in facts:
            for field in ("sha256", "size", "claims"):
                facts.pop(field, None)
    return document
