"""What keeps envparity from comparing at all; what a comparison finds is a Finding."""


class EnvparityError(Exception):
    """One line: what was expected, what was found, where it came from and how to fix it. Exit status 2."""
