"""What can go wrong while Nix is looked for or made."""


class NixError(Exception):
    """One line: what was expected, what was found, where it came from and how to mend it."""
