"""Recognizes documents for people, for example README.md, that some wheels install directly into a site folder.

A site folder is a folder from which Python imports installed distributions, usually `site-packages`.

No program reads these documents. So it is no finding if several distributions claim the path of such a document.
"""

import re

_DOCUMENT = re.compile(
    r"(authors|changelog|changes|code_of_conduct|contributing|contributors|copying|credits|history|install"
    r"|licen[cs]es?|maintainers|news|notice|readme|release[-_]?notes|security|thanks|todo|upgrad\w*)([-_.][\w.-]*)?"
    r"(?<!\.py)(?<!\.so)(?<!\.pyd)(?<!\.pyc)(?<!\.pth)",
    re.IGNORECASE,
)


def is_document(name: str) -> bool:
    """Return whether `name`, a file directly in a site folder, is the name of a document for people."""
    return _DOCUMENT.fullmatch(name) is not None
