"""A fixture with an incident like the incident of a real run, for tests without a network.

The incident is the broken environment of 2025-11-08: the distributions py-multihash and pymultihash overwrite each
other's files.
"""

import pytest

from dev.incident.expect import ERROR, FILES, INTRODUCED, INTRUDER, OWNER, PINS
from dev.incident.facts import (
    SCHEMA,
    CallResult,
    Contested,
    Found,
    Frame,
    Incident,
    Made,
    Observation,
    Race,
    Ran,
    Stray,
    Workaround,
)

PEER_ID = CallResult("16Uiu2HAm4Ms862Gnqafssgvik4JJ1LuqWMcKNipq4nm2UaoLRbeP", None, None)
FUNC = CallResult(None, ERROR, Frame("libp2p/peer/id.py", 87, "from_pubkey", "algo = multihash.Func.sha2_256"))
FINE = (Ran("pip check", 0, ("No broken requirements found.",), 0.1), Ran("uv pip check", 0, ("compatible",), 0.1))
UNMET = ("multiaddr 0.1.0 requires py-multihash, which is not installed.",)
RED = (Ran("pip check", 1, UNMET, 0.1), Ran("uv pip check", 1, UNMET, 0.1))


def collided(*winners: str, peer_id: CallResult) -> Observation:
    """Return the observation of an environment with both distributions.

    `winners` has, for each of FILES, the distribution whose bytes the file has. `peer_id` is the result of making a
    peer ID.
    """
    both = (INTRUDER, OWNER)
    torn = len(set(winners)) > 1
    findings = [Found("error", "path-contested", "both claim [site/multihash]; the bytes of one")]
    return Observation(
        distributions=56,
        importing=CallResult("passes", None, None),
        peer_id=peer_id,
        checks=FINE,
        contested=tuple(Contested(path, both, (winner,)) for path, winner in zip(FILES, winners, strict=True)),
        torn=torn,
        findings=(*findings, *([Found("error", "package-torn", "put together")] if torn else [])),
        notes=6,
        paths=("libp2p -> multiaddr>=0.0.11 (0.1.0) -> py-multihash (2.0.1)",),
    )


@pytest.fixture
def incident() -> Incident:
    """Return the known incident: pip's environment fails, and uv's environment works by chance."""
    ran = Ran("install", 0, (), 1.0)
    mended = Observation(
        distributions=55,
        importing=CallResult("passes", None, None),
        peer_id=PEER_ID,
        checks=RED,
        contested=(),
        torn=False,
        findings=(Found("error", "requirement-unmet", "multiaddr 0.1.0 requires py-multihash"),),
        notes=6,
        paths=(),
    )
    stray = Stray("=0.8.2", 366, ("Collecting pymultihash", "Successfully installed pymultihash-0.8.2"))
    return Incident(
        schema=SCHEMA,
        as_of="2025-11-08T00:00:00Z",
        requirement="libp2p==0.4.0",
        python="3.11.2",
        platform="Linux x86_64",
        cpus=2,
        installers={"pip": "26.3", "uv": "0.13.9"},
        resolving=ran,
        resolved=("libp2p==0.4.0", *PINS),
        introduced=INTRODUCED,
        pip=Made("pip 26.3", ran, collided(INTRUDER, INTRUDER, peer_id=FUNC)),
        uv=Made("uv 0.13.9", ran, collided(OWNER, OWNER, peer_id=PEER_ID)),
        workaround=Workaround(Ran("pip uninstall", 0, (), 1.0), (stray,), mended),
        race_as_of="2025-11-10T00:00:00Z",
        race_requirement="multiaddr==0.1.0",
        races=(
            Race(1, 10, {"py-multihash": 0, "pymultihash": 10}, 0, 0.1),
            Race(32, 10, {"py-multihash": 5, "pymultihash": 4}, 1, 0.1),
        ),
        seconds=60.0,
    )
