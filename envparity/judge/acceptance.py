"""Marks the findings that pyproject.toml accepts, and reports each acceptance that matches no finding.

A finding is one problem or difference that envparity reports. An acceptance is an entry of pyproject.toml that accepts
findings, so that they do not change the exit status.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from envparity.judge.family import Family
from envparity.judge.findings import Finding, finding
from envparity.judge.rules import Rule, Rules
from envparity.judge.subject import Subject

RULES = Rules("project")
ACCEPTANCE_UNUSED = RULES.note(
    "acceptance-unused",
    title="accepted, but not found",
    meaning="pyproject.toml accepts a finding. This run checked for the finding and did not find it. Either somebody "
    "fixed the problem, or the pattern in pyproject.toml is misspelt. If the acceptance stays, it hides the finding "
    "when the problem comes back.",
    fix="Remove the acceptance, unless another track or door needs it.",
)
FAMILY = Family(RULES)
_UNKNOWN: Mapping[str, str] = {}


@dataclass(frozen=True)
class Acceptance:
    """One entry of pyproject.toml that accepts findings with the code `code` about `path`, for the reason `reason`.

    `path` is a shell pattern, for example `site/numpy/*`. envparity compares the pattern with each path of a finding.
    If a finding has no path, envparity compares the pattern with its distributions. If a finding has no distribution
    either, envparity compares the pattern with its code. With `sha256`, the acceptance covers only a file with this
    SHA-256, in hex.
    """

    code: str
    path: str
    reason: str
    sha256: str | None = None

    def covers(self, code: str, subject: str, sha256: str | None = None) -> bool:
        """Return whether this acceptance covers a finding with this code about `subject`, a path or a distribution.

        `sha256` is the hash of the file at the path, if it is known.
        """
        same = self.sha256 is None or (sha256 is not None and sha256 == self.sha256.lower())
        return same and code == self.code and fnmatchcase(subject, self.path)

    def matches(self, found: Finding) -> bool:
        """Return whether this acceptance covers at least one path or distribution of a finding.

        Ignore the hash of the file.
        """
        return any(self.covers(found.code, subject, (self.sha256 or "").lower()) for subject in found.subjects)


def accept(
    findings: Iterable[Finding], acceptances: Sequence[Acceptance], hashes: Mapping[str, str] = _UNKNOWN
) -> list[Finding]:
    """Return all findings. If the project accepts a finding, its field `accepted` has the reason.

    The project accepts a finding if each path of the finding has an acceptance that covers this path. If the finding
    has no path, each of its distributions must have such an acceptance. `hashes` maps the path of a file to its
    SHA-256, in hex.
    """
    return [_accept(one, acceptances, hashes) for one in findings]


def _accept(one: Finding, acceptances: Sequence[Acceptance], hashes: Mapping[str, str]) -> Finding:
    reasons: list[str] = []
    for subject in one.subjects:
        reason = next((a.reason for a in acceptances if a.covers(one.code, subject, hashes.get(subject))), None)
        if reason is None:
            return one
        if reason not in reasons:
            reasons.append(reason)
    return replace(one, accepted="; ".join(reasons))


def unused(subjects: Sequence[Subject], findings: Sequence[Finding], rules: Mapping[str, Rule]) -> Iterator[Finding]:
    """Yield a finding for each acceptance that matches none of `findings`.

    Skip an acceptance whose code this run could not find: for example, only --artefacts finds `artefact-differs`.
    `subjects` are the environments of the run, and `rules` maps each code to its rule.
    """
    for one in subjects[0].config.accept if subjects else ():
        if rules[one.code].can_be_found(subjects) and not any(one.matches(found) for found in findings):
            yield finding(
                ACCEPTANCE_UNUSED,
                f"expected a finding {one.code} at {one.path}, which pyproject.toml accepts ({one.reason}), found none",
                paths=[one.path],
                doors=[subject.door for subject in subjects],
            )
