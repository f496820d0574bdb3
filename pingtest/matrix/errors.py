"""What keeps a matrix from being run."""


class MatrixError(Exception):
    """One line: what was expected, what was found, and how to mend it. Exit status 3."""


class AskedError(MatrixError):
    """The command line asks for what cannot be. Exit status 2."""


class PingsMissingError(MatrixError):
    """Of the pings that are to be compared, too many did not come back."""
