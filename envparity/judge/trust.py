"""How far a report can be trusted: the evidence that files were compared with, and the files that were not judged.

A door is a way to reach an environment. An artefact is the wheel of one pin of the lock.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated

from envparity.judge.subject import Subject
from envparity.judge.tracing import JUDGED, How
from envparity.snapshot.types import doc


@dataclass(frozen=True)
class Amount:
    """A number of files, and the sum of their sizes."""

    files: Annotated[int, doc("The number of files.")] = 0
    bytes: Annotated[int, doc("The sum of their sizes, in bytes.")] = 0


@dataclass(frozen=True)
class Trust:
    """How the files of one environment were judged: the number of files for each kind of evidence."""

    artefacts: Annotated[
        bool, doc("Whether files were compared with the wheels that the lock names (--artefacts).")
    ] = False
    judged: Annotated[
        dict[str, Amount],
        doc(
            "How many files were judged, by the kind of evidence: lock (a wheel with a hash in the lock), built (a "
            "wheel that the project built again), offered (a wheel without a hash in the lock), installer (an "
            "installer writes the file), compiled (bytecode that was compiled again), record (RECORD), wrong (a "
            "finding names the file)."
        ),
    ] = field(default_factory=dict)
    unjudged: Annotated[dict[str, Amount], doc("How many files were not judged, by the kind of file.")] = field(
        default_factory=dict
    )

    @property
    def traced(self) -> Amount:
        """Return how many files match an artefact, come from an installer, or are bytecode that was recompiled."""
        return _sum(amount for how, amount in self.judged.items() if how not in (How.RECORD, How.WRONG))

    @property
    def untraced(self) -> Amount:
        """Return how many files no artefact explains.

        These files match only RECORD, or envparity has nothing to compare them with.
        """
        return _sum((self.judged.get(How.RECORD, Amount()), self.unjudged.get(How.UNKNOWN, Amount())))


def trust_in(subject: Subject) -> Trust:
    """Return the numbers of judged and unjudged files of an environment, by the kind of evidence."""
    amounts: dict[How, list[int]] = defaultdict(lambda: [0, 0])
    files = subject.snapshot.files
    for path, how in subject.tracing.how.items():
        amount = amounts[how]
        amount[0] += 1
        amount[1] += files[path].size
    found = {how: Amount(*amounts[how]) for how in How if how in amounts}
    return Trust(
        artefacts=subject.artefacts is not None,
        judged={str(how): amount for how, amount in found.items() if how in JUDGED},
        unjudged={str(how): amount for how, amount in found.items() if how not in JUDGED},
    )


def _sum(amounts: Iterable[Amount]) -> Amount:
    every = list(amounts)
    return Amount(sum(one.files for one in every), sum(one.bytes for one in every))
