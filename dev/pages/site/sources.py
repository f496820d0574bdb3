"""Change the text of a page before Sphinx makes a page of the website from it.

Sphinx runs this module in its own environment, so the module imports only the standard library.
"""

import posixpath
import re
from collections.abc import Iterator

OVERVIEW = "docs/README.md"
"""The page that lists the pages of docs/ under headings. The navigation of the website has the same headings."""
PROJECT = ("docs/README.md", "envparity/README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
"""The pages below the last heading of the navigation, which are about the project itself."""
PAGES = ("README.md", *PROJECT, "docs/**.md")
"""The pages of the website, as patterns; the first is the start page."""

_LINK = re.compile(r"\[[^]]*\]\(([^)#]+\.md)\)")
_UNIT = re.compile(r"\n\s*\n|\n(?=- )")
_PICTURE = re.compile(
    r'<picture>\s*<source media="\(prefers-color-scheme: dark\)" srcset="(?P<dark>[^"]+)">\s*'
    r'<img src="(?P<light>[^"]+)"[^>]*? alt="(?P<alt>[^"]*)">\s*</picture>'
)


def headings(overview: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each heading of the navigation, and the paths of its pages relative to the root of the repository.

    `overview` is the text of the page OVERVIEW, docs/README.md. A heading is the text before the first colon of a
    paragraph or list item. The last heading is `This project`, with the pages PROJECT.
    """
    for unit in _UNIT.split(overview):
        linked = [posixpath.normpath(f"docs/{path}") for path in _LINK.findall(unit)]
        if linked:
            yield unit.partition(":")[0].strip("-* \n"), linked
    yield "This project", list(PROJECT)


def with_navigation(text: str, overview: str) -> str:
    """Return the text of the start page with the navigation of the website, which Sphinx shows at the side."""
    seen: set[str] = set()
    for heading, pages in headings(overview):
        new = [page.removesuffix(".md") for page in pages if page not in seen]
        seen |= set(pages)
        text += "\n".join(["\n```{toctree}", ":hidden:", f":caption: {heading}", "", *new, "```\n"])
    return text


def with_pictures(text: str) -> str:
    """Return a text in which the website's colour scheme chooses the light or the dark variant of a picture."""
    return _PICTURE.sub(
        lambda found: "\n".join(
            f"```{{image}} {found[scheme]}\n:class: only-{scheme}\n:alt: {found['alt']}\n```\n"
            for scheme in ("light", "dark")
        ),
        text,
    )
