"""`scripts/quality`: the measurements that take too long for `scripts/test`."""

from collections.abc import Sequence

from dev.command.command import main_of
from dev.quality import covering, mutants, soak
from dev.quality.mutation import command as mutations

COMMANDS = {
    "coverage": covering.COMMAND,
    "mutants": mutants.COMMAND,
    "mutate": mutations.COMMAND,
    "soak": soak.COMMAND,
}


def main(arguments: Sequence[str]) -> int:
    """Run the command that the first of `arguments` names; return the exit status."""
    does = "Runs what takes too long for scripts/test: it shows how good the tests, the checks and the ping are."
    return main_of("quality", does, COMMANDS, arguments)
