"""Tests that every text of the repository uses plain words, and that no sentence of the documents is too long.

The list of words is in plain_words.toml. `scripts/test tests/repository/test_plain_words.py` prints each violation in
one line: the file, the line, the words, and what to write instead. There is one test for each room, which is a folder
such as `dev/doors`.
"""

import ast
import re
import tomllib
from bisect import bisect
from collections.abc import Iterable, Iterator
from itertools import accumulate, groupby
from pathlib import Path
from typing import NamedTuple

import pytest

from dev.doors.sources import list_sources
from dev.lockenv.project import this_project

ROOT = this_project().root
LISTED = tomllib.loads(Path(__file__).with_name("plain_words.toml").read_text(encoding="utf-8"))
PATTERNS: list[dict[str, str]] = LISTED["pattern"]
EXCLUDED: dict[str, str] = {one["path"]: one["reason"] for one in LISTED["excluded"]}
DOCUMENTS = re.compile(r"docs/.*\.md|envparity/README\.md|(?:README|CONTRIBUTING|SECURITY|CHANGELOG)\.md")
LONGEST = 35
"""The most words that a sentence of a document may have."""

_WORDS = re.compile(
    r"(?:(?<!\w)(?=\w)|(?=[^\w\s]))(?:" + "|".join(f"(?P<p{at}>{one['words']})" for at, one in enumerate(PATTERNS))
    + r")(?!\w)"
)  # fmt: skip
# A line's indentation, and the characters that make it a comment or an item of a list.
_LEADER = re.compile(r"\s*(?:(?:#+|//[/!]*|/?\*+/?|<!--|\{#|[-+]|\d+\.|>)(?=\s|$)\s*)*")
_ITEM = re.compile(r"\s*(?:[-+*]|\d+\.)\s")
_ROW = re.compile(r"\s*\|")
_HEADING = re.compile(r"\s*#+\s")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_END = re.compile(r"(?<!e\.g)(?<!i\.e)(?<!etc)(?<!cf)(?<!vs)[.!?][\"')*_]*\s+| · ")


class Line(NamedTuple):
    """A line of a file, or a part of it."""

    number: int
    text: str


def files() -> list[str]:
    """Return the paths of the repository's files, without the files that have a reason to use other words."""
    return [name for name in list_sources(ROOT) if not name.startswith(tuple(EXCLUDED))]


def room(name: str) -> str:
    """Return the room of a file: `dev/doors/offline/nix.py` is in `dev/doors`, and `README.md` in `.`."""
    folders = name.split("/")[:-1]
    return "/".join(folders[:2]) or "."


def read(name: str) -> str:
    """Return a file's text; it is empty if the file is not UTF-8."""
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def units(name: str, text: str) -> Iterator[list[Line]]:
    """Yield the lines that belong together: a paragraph, a comment, a string, or the name of a test."""
    if name.endswith(".py"):
        return python_units(text)
    return paragraphs(text, headings=name.endswith((".md", ".md.j2")))


def paragraphs(text: str, *, headings: bool = False) -> Iterator[list[Line]]:
    """Yield the paragraphs, list items and table rows of a text, without the leaders of comments.

    A leader is the mark that makes a line a comment or a list item, such as `#` or `-`. If `headings` is set, a line
    that begins with `#` is a heading, and not a part of a paragraph.
    """
    unit: list[Line] = []
    for number, line in enumerate(text.splitlines(), 1):
        content = line[_LEADER.match(line).end() :].strip()  # type: ignore[union-attr] # it matches every line
        alone = _ROW.match(line) or (headings and _HEADING.match(line))
        if unit and (not content or alone or _ITEM.match(line)):
            yield unit
            unit = []
        if content:
            unit.append(Line(number, content))
        if unit and alone:
            yield unit
            unit = []
    if unit:
        yield unit


def python_units(text: str) -> Iterator[list[Line]]:
    """Yield the comments, the strings and the names of tests in `text`, a Python file."""
    lines = text.encode().splitlines()
    strings: dict[int, list[tuple[int, float]]] = {}
    parts: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.JoinedStr):
            parts |= {id(one) for one in ast.walk(node)} - {id(node)}
            words = "".join(one.value if isinstance(one, ast.Constant) else "…" for one in node.values)  # type: ignore[misc]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            words = node.value if isinstance(node.value, str) else ""
        else:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield [Line(node.lineno, node.name.replace("_", " "))]
            continue
        last = node.end_lineno or node.lineno
        for number in range(node.lineno, last + 1):
            start = node.col_offset if number == node.lineno else 0
            end = (node.end_col_offset or 0) if number == last else float("inf")
            strings.setdefault(number, []).append((start, end))
        if id(node) not in parts and " " in words:
            yield from paragraphs_from(words, node.lineno)
    yield from comments(lines, strings)


def paragraphs_from(text: str, number: int) -> Iterator[list[Line]]:
    for unit in paragraphs(text):
        yield [Line(number + one.number - 1, one.text) for one in unit]


def comments(lines: list[bytes], strings: dict[int, list[tuple[int, float]]]) -> Iterator[list[Line]]:
    """Yield the comments; comments of successive lines are one unit.

    `strings` maps a line's number to the start and end of each string in it; a `#` in a string is not a comment.
    """
    unit: list[Line] = []
    for number, line in enumerate(lines, 1):
        at = line.find(b"#")
        while at >= 0 and any(start <= at < end for start, end in strings.get(number, ())):
            at = line.find(b"#", at + 1)
        if unit and (at < 0 or line[:at].strip()):
            yield unit
            unit = []
        if at >= 0:
            unit.append(Line(number, line[at:].decode().lstrip("# ")))
    if unit:
        yield unit


def text_of(unit: Iterable[Line]) -> str:
    return " ".join(one.text for one in unit)


def found(unit: list[Line]) -> Iterator[tuple[int, str, str]]:
    """Yield, for each match of a pattern in `unit`, the number of its line, the words, and what to write instead."""
    text = text_of(unit)
    # Change Python's None, because it is not the English word `none`.
    for match in _WORDS.finditer(text.replace("None", "N-ne").lower()):
        pattern = PATTERNS[int((match.lastgroup or "").removeprefix("p"))]
        starts = [0, *accumulate(len(one.text) + 1 for one in unit)]
        yield unit[bisect(starts, match.start()) - 1].number, text[slice(*match.span())], pattern["instead"]


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Yield the sentences of a Markdown text with the number of the line on which each begins.

    Code blocks, tables and comments are left out.
    """
    kept, fenced = [], False
    for line in re.sub(r"(?s)<!--.*?-->", lambda one: "\n" * one[0].count("\n"), text).splitlines():
        fence = bool(_FENCE.match(line))
        fenced ^= fence
        kept.append("" if fence or fenced or line.lstrip().startswith("|") else line)
    for unit in paragraphs("\n".join(kept), headings=True):
        text, at = text_of(unit), 0
        starts = [0, *accumulate(len(one.text) + 1 for one in unit)]
        for end in [*(match.end() for match in _END.finditer(text)), len(text)]:
            if words := text[at:end].strip():
                yield unit[bisect(starts, at) - 1].number, words
            at = end


def length(sentence: str) -> int:
    """Return the number of words in a Markdown sentence; inline code is one word, and links count without targets."""
    plain = re.sub(r"!?\[([^]]*)\]\([^)]*\)", r"\1", re.sub(r"(`+).*?\1", "code", sentence))
    return sum(bool(re.search(r"\w", word)) for word in re.sub(r"<[^>]*>", " ", plain).split())


def violations(name: str) -> Iterator[str]:
    text = read(name)
    for unit in units(name, text):
        for number, words, instead in found(unit):
            yield f"{name}:{number}: {words.strip()[:60]!r}: write {instead}"
    if DOCUMENTS.fullmatch(name):
        for number, sentence in sentences(text):
            if (size := length(sentence)) > LONGEST:
                yield f"{name}:{number}: a sentence of {size} words, {sentence[:40]!r}: write several sentences"


@pytest.mark.parametrize(
    ("place", "names"),
    [pytest.param(place, [*names], id=place) for place, names in groupby(sorted(files(), key=room), room)],
)
def test_every_text_uses_plain_words_and_short_sentences(place: str, names: list[str]) -> None:
    if wrong := [one for name in names for one in violations(name)]:
        pytest.fail(f"{place}: expected plain words, found {len(wrong)} violations\n" + "\n".join(wrong), pytrace=False)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda one: one["wrong"])
def test_each_pattern_matches_its_wrong_example_and_nothing_matches_its_right_example(pattern: dict[str, str]) -> None:
    assert pattern["instead"] in [instead for _, _, instead in found([Line(1, pattern["wrong"])])]
    assert list(found([Line(1, pattern["right"])])) == []


def test_every_excluded_path_exists_and_has_a_reason() -> None:
    names = list_sources(ROOT)
    assert [path for path in EXCLUDED if not any(name.startswith(path) for name in names)] == []
    assert all(EXCLUDED.values())


def test_a_python_file_gives_its_comments_strings_and_names() -> None:
    text = '''"""The first.

The second one.
"""
x = "a # b"  # The third
# and the fourth.
y = f"{x} is {'in'} a string", None, b"bytes here # 2", "word"
def test_a_name(): pass
'''
    found = [(unit[0].number, text_of(unit)) for unit in units("tests/x.py", text)]
    assert sorted(found) == [
        *((1, "The first."), (3, "The second one."), (5, "The third and the fourth."), (5, "a # b")),
        *((7, "… is … a string"), (8, "test a name")),
    ]


def test_other_files_give_paragraphs_without_leaders() -> None:
    text = "# One\n# two.\n#\n// three\n- four\n  five\n| six |\n\n<!-- seven"
    assert [text_of(unit) for unit in paragraphs(text)] == ["One two.", "three", "four five", "| six |", "seven"]
    assert [text_of(unit) for unit in paragraphs("# One\ntwo", headings=True)] == ["One", "two"]


def test_a_match_across_lines_has_the_line_of_its_start() -> None:
    unit = [Line(3, "The results"), Line(4, "hung"), Line(5, "on it.")]
    assert [(number, *words.split()) for number, words, _ in found(unit)] == [(4, "hung", "on")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One two. Three four! Five?", ["One two.", "Three four!", "Five?"]),
        ("uv 0.4 reads a.b, e.g. a file. pip does not.", ["uv 0.4 reads a.b, e.g. a file.", "pip does not."]),
        ("# A heading\nTwo\nlines\n\n- An item\n- another.", ["A heading", "Two lines", "An item", "another."]),
        ("A text:\n```sh\nls. A b.\n```\n| a. b | c |\n| - | - |\nThe end.", ["A text:", "The end."]),
        ("He said (yes.) Then no.", ["He said (yes.)", "Then no."]),
    ],
)  # fmt: skip
def test_a_text_is_split_into_sentences(text: str, expected: list[str]) -> None:
    assert [sentence for _, sentence in sentences(text)] == expected


def test_the_length_of_a_sentence() -> None:
    assert length("Run `scripts/test --all -n 1`, and see [the page](docs/page.md#a b c) — *then* <br> stop.") == 8
    assert length("word " * LONGEST + ".") == LONGEST
