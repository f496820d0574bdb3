"""An HTML page that is parsed as a browser parses it, for tests of the page's contents."""

from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser

import pytest

# A table from each special character of HTML to a harmless character of the same width. Tests compare a page that has
# the special characters with a page that has the harmless ones; the rest of both pages must be the same.
TAME = str.maketrans({"<": "‹", ">": "›", "&": "ʌ", '"': "ʺ", "'": "ʹ"})  # noqa: RUF001 - the lookalikes are intended


@contextmanager
def secrets_shown() -> Iterator[None]:
    """Do not hide secrets in pages during the block.

    A special character can end a secret, and its replacement in TAME cannot. So without this function, a page with
    special characters could hide less text than the page that a test compares with it.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("envparity.text.without_secrets", str)
        yield


class Parsed(HTMLParser):
    """The parsed page.

    `elements` are its tags with the names of their attributes, `values` the names and values of the attributes, and
    `words` the pieces of its text.
    """

    def __init__(self, page: str, *, drawn: bool = False) -> None:
        """Parse `page`; with `drawn`, include the text of SVG pictures."""
        super().__init__()
        self._unread = ("style", "script") if drawn else ("style", "script", "svg")
        self.elements: list[str] = []
        self.values: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(f"<{tag} {' '.join(name for name, _ in attrs)}>")
        self.values += [(name, value or "") for name, value in attrs]
        if tag not in ("meta", "link", "rect", "path", "circle", "col", "input"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self.elements.append(f"</{tag}>")
        assert self.open.pop() == tag
        self.words.append(" " if tag in ("td", "th", "p", "h1", "li", "dt", "dd", "pre") else "")

    def handle_data(self, data: str) -> None:
        if not any(tag in self._unread for tag in self.open):
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.elements.append(f"<!--{data}-->")

    def handle_pi(self, data: str) -> None:
        self.elements.append(f"<?{data}>")

    def unknown_decl(self, data: str) -> None:
        self.elements.append(f"<![{data}>")

    @property
    def text(self) -> str:
        """Return the text that a person reads, with single blanks."""
        return " ".join("".join(self.words).split())
