"""`scripts/matrix`, but with four fake implementations of libp2p, `a`, `b`, `c` and `d`, that do not ping.

The environment variable QUICK_NODE names the program that runs as each of the four implementations.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

from dev.command.command import run_until_stopped
from dev.lockenv.project import Project
from dev.matrix import command
from dev.matrix.endings import Implementation
from dev.matrix.implementations import Party
from pingtest.settings import Muxer, SecureChannel, Transport


def find_parties(_project: Project, _wanted: Sequence[str] = ()) -> list[Party]:
    """Return four implementations that support everything, except that `d` lacks one transport."""
    program = Path(os.environ["QUICK_NODE"])
    everything = (frozenset(Transport), frozenset(SecureChannel), frozenset(Muxer))
    parties = [Party(Implementation(name, "quick", "1"), *everything, program) for name in "abc"]
    lacking = frozenset(Transport) - {Transport.WEBRTC_DIRECT}
    return [*parties, Party(Implementation("d", "quick", "1"), lacking, *everything[1:], program)]


if __name__ == "__main__":
    with patch.multiple(command, find_parties=find_parties, not_built=lambda *_: []):
        run_until_stopped(lambda: command.main(sys.argv[1:]))
