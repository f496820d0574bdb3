"""What tests ask of a snapshot that the probe printed."""

from typing import Any

import msgspec
from judging import codes, subject

from envparity.judge.judgement import check
from envparity.snapshot.types import Distribution, Snapshot


def only_distribution(snapshot: Snapshot) -> Distribution:
    """Return the one distribution of an environment."""
    (found,) = snapshot.distributions
    return found


def wrong(snapshot: Snapshot) -> set[str]:
    """Return which kinds of findings there are, except that there is no lock."""
    return codes(check(subject(snapshot))) - {"unlocked"}


def comparable(data: bytes) -> Any:
    """Return a snapshot without its declared path-bearing fields: equal for environments of one lock at any path.

    Those fields are `located`, and of a file that has a `normal` hash the raw one, its size and its claims.
    """
    document = msgspec.json.decode(data)
    document.pop("located")
    for facts in document["files"].values():
        if "normal" in facts:
            for field in ("sha256", "size", "claims"):
                facts.pop(field, None)
    return document
