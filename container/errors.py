"""What keeps an image from being built."""


class ContainerError(Exception):
    """One line: what was expected, what was found, and how to mend it. Exit status 3."""
