"""The HTML page: what it shows, in which order, and that nothing shown becomes part of it."""

import re
from html.parser import HTMLParser

from report_samples import ATTACKS, any_report, fuzzed, many, mapped, sample

from envparity.render.page import as_html
from envparity.report import Report

# Harmless, of the same width, and as different from each other: what is shown stays the same but for them.
_TAME = str.maketrans({"<": "‹", ">": "›", "&": "ʌ", '"': "ʺ", "'": "ʹ"})  # noqa: RUF001 - on purpose


class Parsed(HTMLParser):
    """The elements with their attributes' names, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.values: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(f"<{tag} {' '.join(name for name, _ in attrs)}>")
        self.values += [(name, value or "") for name, value in attrs]
        if tag not in ("meta", "link", "rect", "path", "col"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self.elements.append(f"</{tag}>")
        assert self.open.pop() == tag
        self.words.append(" " if tag in ("td", "th") else "")

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.elements.append(f"<!--{data}-->")

    def handle_pi(self, data: str) -> None:
        self.elements.append(f"<?{data}>")

    def unknown_decl(self, data: str) -> None:
        self.elements.append(f"<![{data}>")

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def test_findings_come_first_then_doors_then_what_differs_then_paths() -> None:
    page = Parsed(as_html(sample())).text
    order = (
        "Fail: 1 error, 3 notes, 1 accepted",
        "in venv and nix (docker not compared)",
        "two distributions claim one path",
        "both claim site/multihash/__init__.py",
        "To mend it: Keep one of the two: envparity why NAME shows",
        "libp2p installs site/docs",
        "bytecode differs",
        "accepted: Debian's",
        "Doors, side by side",
        "docker was not compared: no docker on this machine",
        "multiaddr 0.1.0 0.0.12",
        "py-multihash 2.0.1 none",
        "1 distribution of one version in each door",
        "gmp 6.2.1 6.3.0",
        "How they came in",
    )
    places = [page.lower().index(words.lower()) for words in order]
    assert places == sorted(places)


def test_what_differs_is_marked_and_what_is_alike_is_folded() -> None:
    page = as_html(sample())
    assert page.count('<tr class="differs">') == 3
    folded = [part.partition("</details>")[0] for part in page.split("<details>")[1:]]
    assert [name for name in ("multiaddr", "trio", "cmake", "gmp") for part in folded if f'"row">{name}<' in part] == [
        "trio",
        "cmake",
    ]


def test_many_findings_of_one_code_are_folded_and_none_is_left_out() -> None:
    page = as_html(many(40))
    assert all(f"thing-{number}<" in page for number in range(40))
    assert "<summary>32 more</summary>" in page
    assert page.index("thing-7<") < page.index("32 more") < page.index("thing-8<")


def test_asks_for_nothing() -> None:
    page = as_html(sample())
    parsed = Parsed(page)
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'; img-src data:") in parsed.values
    assert [value for name, value in parsed.values if name in ("href", "src", "srcset", "action", "data")] == ["data:,"]
    assert not re.search(r"url\(|@import|https?:|<script|<iframe| on[a-z]+=", page)


def test_each_attack_is_shown_as_text() -> None:
    for attack in ATTACKS:
        check(mapped(sample(), lambda text, attack=attack: f"{text}{attack}"))


@fuzzed
@any_report
def test_no_text_becomes_an_element(report: Report) -> None:
    check(report)


def check(report: Report) -> None:
    """The page of tamed text has just the same elements, and says just the same, tamed."""
    page, tame = Parsed(as_html(report)), Parsed(as_html(mapped(report, lambda text: text.translate(_TAME))))
    assert page.open == []
    assert page.elements == tame.elements
    assert page.text.translate(_TAME) == tame.text.translate(_TAME)
    as_html(report).encode("utf-8")
