"""What can go wrong while an environment is made."""


class LockenvError(Exception):
    """One line: what was expected, what was found, where it came from and how to mend it."""
