"""What keeps a page from being made."""


class HandbookError(Exception):
    """One line: what was expected, what was found, how to mend it."""
