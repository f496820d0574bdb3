"""Tests of the HTML page of a history: its parts, their order, and that no text becomes markup.

A history lists, for a past period, each change of the releases that uv chooses for some requirements. An event is the
changes at one instant.
"""

import re
from dataclasses import replace

import history_samples as samples
import pytest
from html_reader import TAME, Parsed
from report_samples import fuzzed

from envparity.history.record import History
from envparity.render.history.page import as_html
from envparity.render.history.timeline import numbered


def rows(page: str) -> list[str]:
    """Return the text of each table row that is about an event."""
    return [Parsed(row).text for row in re.findall(r'<tr class="(?:bad)?">.*?</tr>', page, re.DOTALL)]


def test_the_page_has_the_verdict_the_caveats_the_events_and_the_rest_in_order() -> None:
    page = Parsed(as_html(samples.ending_there(samples.sample()))).text
    samples.in_order(
        page,
        "libp2p==0.3.0, Python 3.11 on linux x86_64, 2025-10-01 00:00 to 2026-01-01 00:00 UTC",
        "at the end: import multihash: 2 providers, py-multihash 3.0.0 and pymultihash 0.8.2, with different bytes in",
        "the index cannot be reached",
        "watched, but never installed: py-cid",
        "the files of fastecdsa==2.3.2 are unknown",
        "Over time",
        "Changes of the watched distributions",
        "1 2025-10-20 09:30 multiaddr 0.0.12 was 0.0.11",
        "2 2025-10-27 14:22 multiaddr 0.1.0 was 0.0.12",
        f"py-multihash 2.0.1 enters, through {samples.PATH}",
        "import multihash: 2 providers, py-multihash 2.0.1 and pymultihash 0.8.2, with different bytes in "
        "multihash/__init__.py and multihash/multihash.py",
        "3 2025-12-18 08:03 py-multihash 3.0.0 was 2.0.1",
        "Other changes",
        "1 other event",
        "2025-10-31 19:00 trio 0.32.0 was 0.31.0",
        "4 events from 12 resolutions",
    )


def test_the_numbers_in_the_table_are_those_of_the_picture() -> None:
    for made in samples.SAMPLES:
        history = made()
        page = as_html(history)
        printable = re.findall(r'<span class="number">(\d+)</span> ([\d-]+ [\d:]+)', page)
        assert printable == [
            (str(number), event.instant.strftime("%Y-%m-%d %H:%M")) for number, event in enumerate(numbered(history), 1)
        ]
        assert page.count('class="digit"') == 2 * len(printable)


def test_other_events_are_folded_and_every_event_is_listed_once() -> None:
    page = as_html(samples.broken())
    assert len(rows(page)) == len(samples.broken().events)
    opened, _, folded = page.partition("<details>")
    assert "trio 0.32.0" not in opened
    assert "trio 0.32.0" in folded
    assert "<details>" not in as_html(replace(samples.sample(), events=samples.sample().events[:2]))


def test_events_that_begin_or_end_a_collision_are_marked() -> None:
    page = as_html(samples.mended())
    assert page.count('<tr class="bad">') == 1
    assert page.count('<p class="torn">') == 1
    assert page.count('<p class="ended">') == 1
    assert '<p class="verdict ">at the end: 4 distributions' in page
    assert '<p class="verdict bad">' in as_html(samples.sample())
    assert '<p class="verdict bad">at the end: the requirements' in as_html(samples.hopeless())


def test_a_failure_has_its_reason() -> None:
    assert as_html(samples.broken()).count('<tr class="bad">') == 3
    (gone,) = [row for row in rows(as_html(samples.broken())) if "2025-11-10 10:00" in row]
    assert f"an unknown release the requirements can no longer be resolved: {samples.FAILURE}" in gone


def test_without_events_there_is_no_table() -> None:
    page = as_html(samples.hopeless())
    assert "<table" not in page
    assert page.count("<svg") == 2


def test_there_is_a_picture_for_a_wide_window_and_one_for_a_narrow_one() -> None:
    page = as_html(samples.sample())
    assert re.findall(r'<svg [^>]*class="timeline (\w+)" width="(\d+)"', page) == [("wide", "940"), ("narrow", "340")]
    assert page.count("prefers-color-scheme") == 1, "the page has the colours, not its pictures"


def test_the_page_loads_nothing() -> None:
    page = as_html(samples.sample())
    parsed = Parsed(page)
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'; img-src data:") in parsed.values
    assert [value for name, value in parsed.values if name in ("href", "src", "srcset", "action", "data")] == ["data:,"]
    assert {value for name, value in parsed.values if name == "xmlns"} == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"url\(|@import|https?:|<script|<iframe| on[a-z]+=", re.sub(r' xmlns="[^"]*"', "", page))


def test_each_attack_is_shown_as_text() -> None:
    for attack in samples.PRINTABLE:
        for made in (samples.sample, samples.broken, lambda: samples.ending_there(samples.mended())):
            check(samples.attacked(made(), attack))


@fuzzed
@samples.any_history
def test_no_text_becomes_an_element(history: History) -> None:
    check(history)


@pytest.mark.parametrize("attack", [one for one in samples.STEERING if "\n" not in one], ids=ascii)
def test_control_characters_are_escaped(attack: str) -> None:
    check(samples.attacked(samples.broken(), attack))


def check(history: History) -> None:
    """Check that a page has the same elements and text after TAME has replaced dangerous characters of the history."""
    text = as_html(history)
    text.encode("utf-8")
    assert re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e\ufeff\ud800-\udfff]", text) is None
    page, tame = Parsed(text), Parsed(as_html(samples.mapped(history, lambda said: said.translate(TAME))))
    assert page.open == []
    assert page.elements == tame.elements
    assert page.text.translate(TAME) == tame.text.translate(TAME)
