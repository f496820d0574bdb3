"""Tests of a history as Markdown, which a Markdown parser reads: the table keeps its columns, and text stays text.

A history lists, for a past period, each change of the releases that uv chooses for some requirements.
"""

import re

import history_samples as samples
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from report_samples import fuzzed

from envparity.history.record import History
from envparity.render.history.prose import as_markdown
from envparity.render.history.words import told, verdict

_READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def inlines(text: str) -> list[Token]:
    return [inner for token in _READER.parse(text) if token.type == "inline" for inner in token.children or []]


def rows(text: str) -> list[list[list[str]]]:
    """Return the rows of the table, each as a list of cells, and each cell as a list of lines."""
    found: list[list[list[str]]] = []
    for token in _READER.parse(text):
        if token.type == "tr_open":
            found.append([])
        elif token.type == "inline" and found and token.level >= 4:
            parts = ("\n" if part.content == "<br>" else part.content for part in token.children or [])
            found[-1].append("".join(parts).split("\n"))
    return found


def plain(text: str) -> str:
    return "".join(part.content if part.type != "softbreak" else "\n" for part in inlines(text))


def test_each_event_has_a_row_and_the_verdict_is_shown() -> None:
    text = as_markdown(samples.ending_there(samples.sample()), everything=False)
    assert text.startswith("## History of libp2p==0.3.0\n\nlibp2p==0.3.0, Python 3.11 on linux")
    assert rows(text) == [
        [["when (UTC)"], ["release"], ["changes"]],
        [["2025-10-20 09:30"], ["multiaddr 0.0.12"], ["was 0.0.11"]],
        [
            ["2025-10-27 14:22"],
            ["multiaddr 0.1.0"],
            [
                "was 0.0.12",
                f"py-multihash 2.0.1 enters, through {samples.PATH}",
                "import multihash: 2 providers, py-multihash 2.0.1 and pymultihash 0.8.2, with different bytes in "
                "multihash/__init__.py and multihash/multihash.py",
            ],
        ],
        [["2025-12-18 08:03"], ["py-multihash 3.0.0"], ["was 2.0.1"]],
    ]
    said = plain(text)
    samples.in_order(
        said,
        "at the end: import multihash",
        "at the beginning: 4 distributions",
        "1 other event, which changes no watched distribution",
        "the index cannot be reached",
        "watched, but never installed: py-cid",
        "fastecdsa==2.3.2",
        "4 events from 12 resolutions",
    )
    assert re.search(r"^- \*\*at the end: ", text, re.MULTILINE)


def test_with_everything_other_events_have_rows_too() -> None:
    text = as_markdown(samples.sample(), everything=True)
    assert [row[1] for row in rows(text)[1:]] == [
        ["multiaddr 0.0.12"],
        ["multiaddr 0.1.0"],
        ["trio 0.32.0"],
        ["py-multihash 3.0.0"],
    ]
    assert "no watched distribution" not in text


def test_a_failure_and_the_end_of_a_collision_are_shown() -> None:
    assert [f"the requirements can no longer be resolved: {samples.FAILURE}"] == rows(
        as_markdown(samples.broken(), everything=False)
    )[3][2][:1]
    assert rows(as_markdown(samples.mended(), everything=False))[-1][2][-1].endswith("no longer collide")


def test_without_events_there_is_no_table() -> None:
    text = as_markdown(samples.hopeless(), everything=True)
    assert rows(text) == []
    assert "**at the end: the requirements cannot be resolved**" in text


def test_one_other_event_is_written_in_the_singular() -> None:
    assert "and 1 other event, which changes no watched distribution" in as_markdown(samples.sample(), everything=False)


def test_the_text_fits_into_a_comment_and_counts_the_lines_left_out() -> None:
    text = as_markdown(samples.long(3000), everything=True)
    assert len(text) < 65_536
    left_out = re.search(r"([\d,]+) further lines left out, because the page would be too long\.\n$", text)
    shown_events = len(rows(text)) - 1
    assert left_out is not None
    assert shown_events > 300
    assert int(left_out[1].replace(",", "")) >= 3000 - shown_events


def test_even_a_long_text_has_the_verdict() -> None:
    history = samples.ending_there(samples.long(3000))
    said = plain(as_markdown(history, everything=True))
    assert verdict(history) in said
    assert "the index cannot be reached" in said


def test_each_attack_is_shown_as_text() -> None:
    for attack in samples.PRINTABLE:
        for made in samples.SAMPLES:
            check(samples.attacked(made(), attack))


@fuzzed
@samples.any_history
def test_the_table_keeps_its_columns_and_text_stays_text(history: History) -> None:
    check(history)


@pytest.mark.parametrize("attack", [one for one in samples.STEERING if "\n" not in one], ids=ascii)
def test_control_characters_are_escaped(attack: str) -> None:
    check(samples.attacked(samples.broken(), attack))


def test_text_cannot_begin_a_new_line() -> None:
    check(samples.attacked(samples.broken(), "\n\n# heading\n- item"))


def check(history: History) -> None:
    for everything in (False, True):
        text = as_markdown(history, everything=everything)
        text.encode("utf-8")
        assert re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e\ufeff\ud800-\udfff]", text) is None
        tokens = _READER.parse(text)
        assert {t.type.removesuffix("_open").removesuffix("_close") for t in tokens} <= {
            *("heading", "paragraph", "bullet_list", "list_item", "table", "thead", "tbody", "tr", "th", "td", "inline")
        }
        assert sum(t.type == "heading_open" for t in tokens) == 1
        for inline in inlines(text):
            assert inline.type in ("text", "softbreak", "html_inline", "strong_open", "strong_close"), inline
            assert inline.type != "html_inline" or inline.content in ("<br>", "<!-- -->")
        events, _ = told(history, all_of_them=everything)
        found = rows(text)
        assert len(found) == len(events) + bool(events)
        assert {len(row) for row in found} <= {3}
        lines = [line for line in text.splitlines() if line.startswith("|")]
        assert [line.count("|") for line in lines] == [4] * (len(events) + 2 * bool(events))
