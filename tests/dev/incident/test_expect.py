"""Tests that each deviation from the known incident is one line of text.

The incident is the broken environment of 2025-11-08: two distributions, INTRUDER and OWNER, overwrite each
other's files.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dev.incident.expect import INTRUDER, OWNER, unseen
from dev.incident.facts import CallResult, Frame, Incident, Made, Race, Ran

Change = Callable[[Incident], Incident]


def in_pip(**changes: Any) -> Change:
    return lambda incident: replace(incident, pip=_seen(incident.pip, **changes))


def in_uv(**changes: Any) -> Change:
    return lambda incident: replace(incident, uv=_seen(incident.uv, **changes))


def in_workaround(**changes: Any) -> Change:
    return lambda incident: replace(
        incident, workaround=replace(incident.workaround, seen=replace(incident.workaround.seen, **changes))
    )


def _seen(made: Made, **changes: Any) -> Made:
    return replace(made, seen=replace(made.seen, **changes))


def test_the_known_incident_has_no_deviation(incident: Incident) -> None:
    assert list(unseen(incident)) == []


RED = (Ran("pip check", 1, ("multiaddr requires it",), 0.1),)
GREEN = (Ran("pip check", 0, (), 0.1), Ran("uv pip check", 0, (), 0.1))
WORKS = CallResult("16U", None, None)
FAILS = CallResult(None, "ImportError: no", Frame("x.py", 1, "f", "y"))


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (lambda r: replace(r, resolved=r.resolved[:-1]), ["resolution as of"]),
        (lambda r: replace(r, introduced=replace(r.introduced, before=None)), ["introduction: expected"]),
        (in_pip(importing=FAILS), ["pip: expected `import libp2p` to pass, found ImportError: no"]),
        (in_pip(checks=RED), ["pip: expected `pip check` to exit 0, found 1"]),
        (in_pip(peer_id=WORKS), ["pip: expected AttributeError: module 'multihash' has no attribute 'Func'"]),
        (in_pip(peer_id=FAILS), ["pip: expected AttributeError"]),
        (in_pip(findings=()), ["pip: expected envparity's finding path-contested, found none"]),
        (in_pip(paths=()), ["pip: expected a requirement path by multiaddr to py-multihash 2.0.1, found 0 others"]),
        (in_pip(torn=True), ["pip: expected envparity's finding package-torn"]),
        (in_pip(contested=()), ["pip: expected site/multihash", "pip: expected the bytes of py-multihash 2.0.1"]),
        (in_uv(peer_id=FAILS), ["uv: expected a peer ID, because pymultihash 0.8.2 won, found ImportError: no"]),
        (in_workaround(peer_id=FAILS), ["workaround: expected a peer ID, found ImportError: no"]),
        (in_workaround(checks=GREEN), ["workaround: expected `pip check` to", "workaround: expected `uv pip check`"]),
        (in_workaround(findings=()), ["workaround: expected envparity to find"]),
        (lambda r: replace(r, workaround=replace(r.workaround, strays=())), ["workaround: expected a file named"]),
        (lambda r: replace(r, races=r.races[:1]), ["uv: expected each distribution to win"]),
        (lambda r: replace(r, races=(*r.races, Race(8, 9, {}, 0, 0.1))), ["uv, 8 at once: expected 9 outcomes"]),
    ],
)
def test_each_deviation_is_one_line(incident: Incident, change: Change, lines: list[str]) -> None:
    found = list(unseen(change(incident)))
    assert len(found) == len(lines), found
    for line, start in zip(found, lines, strict=True):
        assert line.startswith(start)
        assert "\n" not in line


def test_with_uv_either_distribution_may_win(incident: Incident) -> None:
    assert list(unseen(replace(incident, uv=incident.pip))) == []


def test_a_torn_package_may_work_or_fail_but_must_be_found(incident: Incident) -> None:
    first, second = incident.uv.seen.contested
    torn = (replace(first, there=(OWNER,)), replace(second, there=(INTRUDER,)))
    findings = incident.uv.seen.findings
    changed = in_uv(contested=torn, torn=True, peer_id=FAILS)(incident)
    assert list(unseen(changed)) == ["uv: expected envparity's finding package-torn, found none"]
    told = in_uv(findings=(*findings, replace(findings[0], code="package-torn")))(changed)
    assert list(unseen(told)) == []
