"""`scripts/quality`: the measurements that take too long for `scripts/test`."""

from collections.abc import Sequence

from dev.command.command import main_of
from dev.quality import covering, mutants, soak, versus
from dev.quality.locks import command as locks
from dev.quality.mutation import command as mutations
from dev.quality.projects import command as projects
from dev.quality.repair import command as repair
from dev.quality.stacks import command as stacks

COMMANDS = {
    "coverage": covering.COMMAND,
    "locks": locks.COMMAND,
    "mutants": mutants.COMMAND,
    "mutate": mutations.COMMAND,
    "projects": projects.COMMAND,
    "repair": repair.COMMAND,
    "soak": soak.COMMAND,
    "stacks": stacks.COMMAND,
    "versus": versus.COMMAND,
}


def main(arguments: Sequence[str]) -> int:
    """Run the command that the first of `arguments` names; return the exit status."""
    does = "Measure how good the tests, envparity's checks and the ping are. These runs take too long for scripts/test."
    return main_of("quality", does, COMMANDS, arguments)
