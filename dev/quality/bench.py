"""`scripts/bench`: measures a ping test, the image, a network, envparity and other libp2p libraries."""

from collections.abc import Sequence

from dev.command.command import main_of
from dev.quality import bench_dial, bench_image, bench_network, bench_parity, bench_peers

_DOES = (
    "Measure how long one of these takes: a ping test, a build of the image, a ping over a network, a run of "
    "envparity, or a dial from each implementation to the same listeners. Without a command, scripts/bench runs dial."
)
COMMANDS = {
    "dial": bench_dial.COMMAND,
    "image": bench_image.COMMAND,
    "network": bench_network.COMMAND,
    "parity": bench_parity.COMMAND,
    "peers": bench_peers.COMMAND,
}


def main(arguments: Sequence[str]) -> int:
    """Run the benchmark that the first of `arguments` names, and return the exit status.

    If `arguments` are empty, or begin with another option than `--help`, run `dial`. Raises SystemExit after `--help`,
    or if no benchmark has the name.
    """
    return main_of("bench", _DOES, COMMANDS, arguments, default="dial")
