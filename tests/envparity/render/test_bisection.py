"""Tests of the result of `envparity bisect`, at a terminal, in a log and as JSON.

A bisection searches for the release that broke a command. A trial is one run of the command.
"""

import json
import pty
import re
from dataclasses import replace

import history_samples as samples
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import fuzzed

from envparity.cli.options import BISECTION_FORMATS
from envparity.history.bisect import Bisection
from envparity.render.bisection import render
from envparity.render.words import printable
from envparity.text import visible

SAMPLES = (samples.bisection, samples.undecided, samples.unsteady)


def at_terminal(found: Bisection) -> str:
    ours, theirs = pty.openpty()
    with open(ours, "rb", buffering=0), open(theirs, "w", encoding="utf-8") as terminal:  # noqa: PTH123 - descriptors
        return render(found, "terminal", terminal)


def said(found: Bisection) -> str:
    """Return the text of a result as in a log, with single spaces in place of line breaks and indents."""
    return " ".join(render(found, "terminal").split())


def test_the_text_has_the_question_the_trials_and_the_event_that_broke_the_command() -> None:
    text = said(samples.bisection())
    order = (
        "libp2p==0.3.0, installed by pip: python -c 'import multihash; multihash.Func'",
        "4 events between 2025-10-01 00:00 and 2026-01-01 00:00 UTC",
        "2025-10-01 00:00 passes nothing 21.4",
        "2026-01-01 00:00 py-multihash 3.0.0 fails AttributeError: module 'multihash' has no attribute 'Func' 23.0",
        "2025-10-31 19:00 trio 0.32.0 cannot be judged no compiler here 20.0",
        "2025-10-20 09:30 multiaddr 0.0.12 and six 1.17.0 passes nothing 20.0",
        "multiaddr 0.1.0, 2025-10-27 14:22 UTC, broke the command",
        "was 0.0.12",
        f"py-multihash 2.0.1 enters, through {samples.PATH}",
        "import multihash: 2 providers, py-multihash 2.0.1 and pymultihash 0.8.2, with different bytes in "
        "multihash/__init__.py and multihash/multihash.py",
    )
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert text.endswith(order[-1])


def test_if_trials_cannot_be_judged_every_possible_event_is_named() -> None:
    text = said(samples.undecided())
    assert "one of 2 events broke the command; the environments between them could not be judged" in text
    assert "multiaddr 0.1.0, 2025-10-27 14:22 UTC, may have broken the command" in text
    assert "trio 0.32.0, 2025-10-31 19:00 UTC, may have broken the command" in text
    assert "broke the command" not in text.replace("may have broken the command", "").replace(
        "events broke the command", ""
    )


def test_an_unsteady_command_blames_no_release() -> None:
    text = said(samples.unsteady())
    assert text.endswith(
        "unsteady: as of 2026-01-01 00:00 UTC the command passed 2 and failed 1 times with the same releases, "
        "so no release is the cause"
    )
    assert "broke the command" not in text


def test_the_event_may_be_that_the_requirements_cannot_be_resolved() -> None:
    gone = replace(samples.bisection(), events=(samples.broken().events[3],))
    assert "an unknown release, 2025-11-10 10:00 UTC, broke the command" in said(gone)
    assert f"the requirements can no longer be resolved: {samples.FAILURE}" in said(gone)


def test_one_event_is_written_in_the_singular() -> None:
    assert "1 event between" in said(replace(samples.bisection(), between=1))


def test_the_outcomes_have_different_colours() -> None:
    text = at_terminal(samples.bisection())
    assert re.search(r"\x1b\[32mpasses *\x1b", text)
    assert re.search(r"\x1b\[31mfails *\x1b", text)
    assert not re.search(r"\x1b\[3[12]mcannot", text)
    assert re.search(r"\x1b\[1;31mmultiaddr 0\.1\.0", text)


def test_a_log_has_no_colour_and_no_trailing_blanks() -> None:
    for made in SAMPLES:
        text = render(made(), "terminal")
        assert "\x1b" not in text
        assert not re.search(r" $", text, re.MULTILINE)


def test_a_long_last_line_is_wrapped_without_loss() -> None:
    line = "".join(f"[{number}]" for number in range(100))
    first = replace(samples.bisection().trials[0], said=line)
    head, *rows = render(replace(samples.bisection(), trials=(first,)), "terminal").splitlines()[3:]
    start = head.index("last line of output")
    folded = [row[start:].split()[0] for row in rows if "[" in row]
    assert len(folded) > 3
    assert "".join(folded) == line


def test_markup_is_shown_unchanged() -> None:
    attack = "[bold]x[/bold] [link=https://example.invalid]y[/link] :smile: [/]"
    found = samples.attacked(samples.bisection(), attack)
    assert f"libp2p==0.3.0{attack}, installed by pip{attack}: " in said(found)
    assert f"{samples.PATH}{attack}" in said(found)
    alone = replace(samples.bisection().trials[0], said=attack)
    assert f"passes {attack} 21.4" in said(replace(samples.bisection(), trials=(alone,)))


def test_json_reads_back_as_the_same_bisection() -> None:
    for made in SAMPLES:
        text = render(made(), "json")
        assert text.startswith('{\n "schema": "envparity-bisection-1",\n')
        assert text.endswith("}\n")
        assert not text.endswith("\n\n")
        assert msgspec.json.decode(text, type=Bisection) == made()
    data = json.loads(render(samples.bisection(), "json"))
    assert [trial["passed"] for trial in data["trials"]] == [True, False, None, True]
    assert data["events"][0]["releases"] == ["multiaddr 0.1.0"]
    assert data["trials"][3]["as_of"] == "2025-10-20T09:30:00Z"


def test_each_attack_is_shown_as_text() -> None:
    for attack in samples.PRINTABLE:
        for made in SAMPLES:
            check(samples.attacked(made(), attack))


@fuzzed
@given(st.text(st.characters(exclude_categories=()), max_size=30).map(visible))
def test_no_text_can_control_the_terminal(tail: str) -> None:
    for made in SAMPLES:
        check(samples.attacked(made(), tail))


@pytest.mark.parametrize("attack", samples.STEERING, ids=ascii)
def test_control_characters_are_escaped(attack: str) -> None:
    check(samples.attacked(samples.bisection(), attack))


def check(found: Bisection) -> None:
    text = render(found, "terminal")
    assert re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e\ufeff\ud800-\udfff]", text) is None
    assert not any(line.startswith(("# heading", "- item")) for line in text.splitlines())
    assert "\x1b" not in re.sub(r"\x1b\[[\d;]*m", "", at_terminal(found))
    for form in BISECTION_FORMATS:
        render(found, form).encode("utf-8")
    assert msgspec.json.decode(render(found, "json"), type=Bisection) == printable(found)
