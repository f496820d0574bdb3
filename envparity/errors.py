"""The error of envparity: it cannot do what it was asked to do. A problem in an environment is a Finding instead."""


class EnvparityError(Exception):
    """envparity cannot do what it was asked to do; the exit status is 2.

    The text is one line: what was expected, what was found, where it came from and how to fix it.
    """
