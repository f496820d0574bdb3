"""The error for a task that envparity cannot do. A problem in an environment is a `Finding`, not an error."""


class EnvparityError(Exception):
    """envparity cannot do what the user asked for. The command line prints the message and exits with status 2.

    The message is one line: what was expected, what was found, where it came from and how to fix it.
    """
