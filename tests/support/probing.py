"""Helpers for tests of snapshots that the probe printed."""

from typing import Any

import msgspec
from judging import codes, subject

from envparity.judge.judgement import check
from envparity.snapshot.types import Distribution, Snapshot


def only_distribution(snapshot: Snapshot) -> Distribution:
    """Return the only distribution of an environment; ValueError if there is not exactly one."""
    (found,) = snapshot.distributions
    return found


def wrong(snapshot: Snapshot) -> set[str]:
    """Return the codes of all findings, except the finding about the missing lock."""
    return codes(check(subject(snapshot))) - {"unlocked"}


def comparable(data: bytes) -> Any:
    """Return a decoded snapshot without the fields that may contain paths.

    The rest is equal for all environments with the same lock, in any folder. The removed fields are `located`, and, for
    each file with a `normal` hash, the raw hash, the size and the claims.
    """
    document = msgspec.json.decode(data)
    document.pop("located")
    for facts in document["files"].values():
        if "normal" in facts:
            for field in ("sha256", "size", "claims"):
                facts.pop(field, None)
    return document
