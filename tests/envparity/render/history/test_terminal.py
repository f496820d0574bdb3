"""Tests of a history as text, at a terminal and in a log.

A history lists, for a past period, each change of the releases that uv chooses for some requirements.
"""

import re
from dataclasses import replace
from io import StringIO

import history_samples as samples
import pytest
from report_samples import fuzzed
from rich.console import Console

from envparity.history.record import History
from envparity.render.history.terminal import show
from envparity.render.history.write import render

_COLOUR = re.compile(r"\x1b\[[\d;]*m")


def log(history: History, *, everything: bool = False) -> str:
    return render(history, "terminal", everything=everything)


def at_terminal(history: History, width: int, *, everything: bool = False) -> str:
    text = StringIO()
    show(
        history,
        Console(file=text, force_terminal=True, width=width, color_system="standard"),
        everything=everything,
    )
    return text.getvalue()


def unwrapped(text: str) -> str:
    return " ".join(text.split())


def test_the_text_has_the_beginning_the_events_the_end_and_the_effort() -> None:
    text = unwrapped(log(samples.ending_there(samples.sample())))
    samples.in_order(
        text,
        "libp2p==0.3.0, Python 3.11 on linux x86_64, 2025-10-01 00:00 to 2026-01-01 00:00 UTC",
        "at the beginning: 4 distributions",
        "2025-10-20 09:30 multiaddr 0.0.12 was 0.0.11",
        "2025-10-27 14:22 multiaddr 0.1.0 was 0.0.12",
        "py-multihash 2.0.1 enters, through the requirement -> libp2p==0.3.0 (0.3.0) -> multiaddr>=0.0.9 (0.1.0) "
        "-> py-mu",
        "import multihash: 2 providers, py-multihash 2.0.1 and pymultihash 0.8.2, with different bytes in",
        "multihash/__init__.py and multihash/multihash.py",
        "2025-12-18 08:03 py-multihash 3.0.0 was 2.0.1",
        "which changes no watched distribution",
        "the index cannot be reached",
        "watched, but never installed: py-cid",
        "the files of fastecdsa==2.3.2 are unknown",
        "at the end: import multihash: 2 providers, py-multihash 3.0.0 and pymultihash 0.8.2",
        "4 events from 12 resolutions",
    )


def test_with_everything_all_events_are_listed_and_none_is_counted() -> None:
    assert "trio" not in log(samples.sample())
    assert "2025-10-31 19:00   trio 0.32.0" in log(samples.sample(), everything=True)
    assert "other event" not in log(samples.sample(), everything=True)


def test_one_other_event_is_written_in_the_singular() -> None:
    assert "and 1 other event, which changes no watched distribution" in log(samples.sample())


def test_one_distribution_is_written_in_the_singular() -> None:
    assert "at the beginning: 1 distribution\n" in log(replace(samples.sample(), first={"libp2p": "0.3.0"}))


def test_a_collision_at_the_beginning_is_listed_first() -> None:
    began = replace(samples.sample(), began=samples.sample().remaining, events=())
    assert "at the beginning: import multihash: 2 providers, " in log(began)


def test_a_failure_has_its_reason() -> None:
    text = _COLOUR.sub("", at_terminal(samples.broken(), 200))
    assert f" the requirements can no longer be resolved: {samples.FAILURE}" in text
    assert "2025-11-10 10:00   an unknown release" in text


@pytest.mark.parametrize("form", ["terminal", "markdown", "html", "svg"])
def test_without_any_resolution_the_reason_is_shown(form: str) -> None:
    assert "Because only libp2p" in render(samples.hopeless(), form, everything=True)


def test_without_events_there_is_no_table() -> None:
    assert "when (UTC)" not in log(samples.hopeless())
    assert "at the beginning: the requirements cannot be resolved: Because " in log(samples.hopeless())
    assert "at the end: the requirements cannot be resolved\n" in log(samples.hopeless())


def test_a_collision_and_its_end_have_different_colours() -> None:
    text = at_terminal(samples.mended(), 200)
    assert re.search(r"\x1b\[31mimport multihash: 2 providers", text)
    assert re.search(r"\x1b\[32mimport multihash: py-multihash 3\.0\.0 and pymultihash 0\.8\.2 no longer collide", text)
    assert re.search(r"\x1b\[1;31mmultiaddr 0\.1\.0 *\x1b", text)
    assert re.search(r"\x1b\[1;32mat the end: 4 distributions", text)
    assert re.search(r"\x1b\[1;31mat the end: import", at_terminal(samples.sample(), 200))
    assert re.search(r"\x1b\[1;31mat the end: the requirements", at_terminal(samples.hopeless(), 200))


def test_a_log_has_no_colour_and_no_trailing_blanks() -> None:
    for made in samples.SAMPLES:
        assert "\x1b" not in log(made())
        assert not re.search(r" $", log(made()), re.MULTILINE)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_terminal_wraps_lines_and_loses_no_text(width: int) -> None:
    rows = _COLOUR.sub("", at_terminal(samples.sample(), width, everything=True)).splitlines()
    assert max(map(len, rows)) <= width
    said = "".join("".join(rows).split())
    assert "2025-10-2714:22" in said
    for words in ("multihash/__init__.py", "pymultihash0.8.2", "trio0.32.0"):
        assert words in said


def test_markup_is_shown_unchanged() -> None:
    attack = "[bold]x[/bold] [link=https://example.invalid]y[/link] :smile: [/]"
    text = _COLOUR.sub("", at_terminal(samples.attacked(samples.ending_there(samples.sample()), attack), 2000))
    for said in (
        "libp2p==0.3.0",
        " 0.0.12",
        samples.PATH,
        "pymultihash 0.8.2",
        "multihash/multihash.py",
        "none that fits",
    ):
        assert f"{said}{attack}" in text


def test_each_attack_is_shown_as_text() -> None:
    for attack in samples.PRINTABLE:
        for made in samples.SAMPLES:
            check(samples.attacked(made(), attack))


@fuzzed
@samples.any_history
def test_no_text_can_control_the_terminal(history: History) -> None:
    check(history)


@pytest.mark.parametrize("attack", samples.STEERING, ids=ascii)
def test_control_characters_are_escaped(attack: str) -> None:
    check(samples.attacked(samples.broken(), attack))


def check(history: History) -> None:
    text = log(history, everything=True)
    assert re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e\ufeff\ud800-\udfff]", text) is None
    # No line begins with a text from outside, such as the hostile texts "# heading" and "- item".
    assert not any(line.startswith(("# heading", "- item")) for line in text.splitlines())
    assert "\x1b" not in _COLOUR.sub("", at_terminal(history, 70, everything=True))
    text.encode("utf-8")
