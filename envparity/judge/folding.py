"""Joins several findings of one kind about the same distributions into one finding, because they have one cause.

A finding is one problem or difference that envparity reports.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain

from envparity.judge.findings import Finding

_FIRST = 2  # the number of folded findings that the message shows


def fold(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings, with one finding instead of several findings of one kind about the same distributions.

    Only findings with the same severity, cause, doors and status become one finding. The status says whether a finding
    is accepted, known or declared. A finding that names no distribution stays unchanged.
    """
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for place, one in enumerate(findings):
        status = (one.severity, one.accepted, one.known, one.declared is None)
        key = (one.code, status, one.because, one.doors, one.distributions)
        groups.setdefault(key if one.distributions else (place,), []).append(one)
    return [_folded(several) for several in groups.values()]


def _folded(several: list[Finding]) -> Finding:
    """Return one finding for several findings.

    Its message joins the first _FIRST messages. Its details have the other messages, and the details of all findings.
    """
    if len(several) == 1:
        return several[0]
    messages = list(dict.fromkeys(one.message for one in several))
    rest = len(messages) - _FIRST
    reasons = list(dict.fromkeys(one.declared for one in several if one.declared))
    return replace(
        several[0],
        message="; ".join(messages[:_FIRST])
        + (f"; and {rest:,} more like {'this' if rest == 1 else 'these'}" * (rest > 0)),
        paths=tuple(dict.fromkeys(chain.from_iterable(one.paths for one in several))),
        details=tuple(dict.fromkeys(chain(messages[_FIRST:], chain.from_iterable(one.details for one in several)))),
        declared="; ".join(reasons) or None,
    )
