"""Tests of the printed report of `scripts/incident`, which makes the broken environment of 2025-11-08 again."""

from dataclasses import replace
from io import StringIO

from rich.console import Console

from dev.incident.facts import Incident
from dev.incident.show import conclude, show


def told(incident: Incident, unseen: tuple[str, ...] = ()) -> str:
    text = StringIO()
    out = Console(file=text, width=120, highlight=False)
    show(incident, out)
    conclude(incident, unseen, out)
    return text.getvalue()


def test_every_step_is_in_the_report(incident: Incident) -> None:
    text = told(incident)
    for line in (
        "among them multiaddr 0.1.0, py-cid 0.3.1, py-multihash 2.0.1, pymultihash 0.8.2",
        "multiaddr 0.1.0 (2025-10-27 14:22 UTC) is the first release that requires py-multihash; 0.0.12 did not.",
        "2. Installed with pip 26.3",
        "ID.from_pubkey(…)  AttributeError: module 'multihash' has no attribute 'Func'",
        "libp2p/peer/id.py:87, in from_pubkey: algo = multihash.Func.sha2_256",
        "pip check          exit 0  No broken requirements found.",
        "both claim [site/multihash]",
        "libp2p -> multiaddr>=0.0.11 (0.1.0) -> py-multihash (2.0.1)",
        "libp2p works, because uv wrote pymultihash 0.8.2 last this time",
        "pip check          exit 1  multiaddr 0.1.0 requires py-multihash, which is not installed.",
        "a new file named =0.8.2",
        "reproduced: every expected fact was observed, in 60 s",
    ):
        assert line in text
    rows = [line.split() for line in text.splitlines() if line.strip()[:2] in ("1 ", "32")]
    assert rows == [["1", "10", "0", "0", "0.10"], ["32", "4", "5", "1", "0.10"]]


def test_deviations_are_at_the_end_of_the_report(incident: Incident) -> None:
    assert told(incident, ("pip: expected A, found B",)).endswith("not observed: pip: expected A, found B\n")


def test_a_torn_package_is_reported(incident: Incident) -> None:
    torn = replace(incident.uv, seen=replace(incident.uv.seen, torn=True))
    assert "torn: one file from each" in told(replace(incident, uv=torn))
