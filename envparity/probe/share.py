"""Walks some of the environment's folders in a second process, to use a second processor.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

from envparity.probe.elf import Elf
from envparity.probe.forked import Forked, can_fork

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from envparity.probe.files import Scan

SHARED_FROM = 500  # files in RECORDs; with fewer files, a second process takes longer to start than it saves
THEIRS = 0.45  # the part of the work for the second process, which also takes time to start
BYTES_A_FILE = 20_000  # opening a file takes as long as reading and hashing this many bytes


class Share:
    """A second process that walks the folders `names` in the first site folder, and sends back facts about files."""

    def __init__(self, scan: Scan, names: set[str]) -> None:
        self.scan = scan
        self.names = names
        self.forked = Forked(self._walk)

    def _walk(self) -> Any:
        scan, names = self.scan, self.names
        scan.walk_share(names)
        return scan.files, scan.links, {key: vars(one) for key, one in scan.elf.items()}

    def collect(self) -> bool:
        """Add to the scan the facts that the second process found; return False if that process failed."""
        found = self.forked.result()
        if found is None:
            return False
        files, links, elf = found
        self.scan.files.update(files)
        self.scan.links.update(links)
        for key, facts in elf.items():
            self.scan.elf[key] = one = Elf.__new__(Elf)
            vars(one).update(facts)
        return True


def start_share(scan: Scan) -> Share | None:
    """Start a second process for a part of the work; return None if there is only one processor or too few files."""
    if not can_fork() or len(scan.expected) < SHARED_FROM:
        return None
    weights: dict[str, float] = {}
    first = scan.layout.sites[0][0] + "/"
    for key, claims in scan.expected.items():
        if key.startswith(first) and "/" in key[len(first) :]:
            name = key[len(first) :].partition("/")[0]
            size = claims[0][2]
            weights[name] = weights.get(name, 0) + 1 + (int(size) if size.isdecimal() else 0) / BYTES_A_FILE
    theirs: set[str] = set()
    left = sum(weights.values()) * THEIRS
    for name in sorted(weights, key=lambda name: (-weights[name], name)):
        # A walk compares the bytecode in __pycache__ with the sources next to that folder, so one walk needs both.
        if weights[name] <= left and not name.endswith((".dist-info", ".egg-info", ".egg", "__pycache__")):
            left -= weights[name]
            theirs.add(name)
    return Share(scan, theirs)
