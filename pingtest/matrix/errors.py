"""What keeps a matrix from being run."""


class MatrixError(Exception):
    """One line: what was expected, what was found, and how to mend it. Exit status 3."""
