"""The errors that end a command. Each error is one line, and its class decides the exit status."""

from typing import ClassVar


class CommandError(Exception):
    """An error of one line: the place, the expected state, the state found, and a command that fixes the problem."""

    status: ClassVar[int] = 3
    """The exit status of a command that ends with this error."""


class FailedError(CommandError):
    """The command did its work, and the answer is no: for example, a ping failed, or a page is out of date."""

    status = 1


class UsageError(CommandError):
    """The command line is wrong: for example, an argument must name a checkout of py-libp2p, but does not."""

    status = 2
