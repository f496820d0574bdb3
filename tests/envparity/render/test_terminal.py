"""Tests of the report as text, at a terminal and in a log."""

import re
from dataclasses import replace
from io import StringIO

from report_samples import ATTACKS, any_report, fuzzed, many, mapped, sample
from rich.console import Console

from envparity.fix.fix import Fix
from envparity.judge.findings import finding
from envparity.judge.integrity.differences import FILE_ONLY_IN
from envparity.judge.integrity.files import FILE_ALTERED
from envparity.judge.report import Report, path_text
from envparity.judge.rules import Severity
from envparity.render.terminal import show
from envparity.render.words import printable
from envparity.render.write import render

_COLOUR = re.compile(r"\x1b\[[\d;]*m")


def at_terminal(report: Report, width: int) -> str:
    text = StringIO()
    show(report, Console(file=text, force_terminal=True, width=width, color_system="standard"))
    return text.getvalue()


def test_the_report_has_errors_notes_accepted_findings_paths_and_verdict_in_order() -> None:
    text = render(sample(), "terminal")
    order = (
        "track v0.4\n",
        " venv   cpython 3.11.2",
        "equal  the same in each door: the versions of 54 distributions, and every byte of 3,800 files (97.5 MB)\n",
        "equal  venv: 56 distributions as v0.4.txt pins them",
        ". Traced 2,099 files (76.5 MB) to the hashes in v0.4.txt; ",
        "equal  nix: compared 0 files (0 bytes) with RECORD; ",
        "not compared  docker: no docker on this machine\n",
        "error path-contested: several distributions claim one path\n",
        "  [venv] py-multihash 2.0.1 and pymultihash 0.8.2 both claim site/multihash/__init__.py\n",
        "      site/multihash/__init__.py: the bytes of py-multihash 2.0.1\n",
        "      [venv] to fix it: Uninstall pymultihash.\n",
        "          pip uninstall -y pymultihash\n",
        "note top-level-squatter: a common name at the top level  2\n",
        "  [venv, nix] libp2p installs site/docs\n",
        "accepted toolchain-differs",
        "      accepted: Debian's\n",
        "why py-multihash is installed (venv)\n",
        "  libp2p -> multiaddr>=0.0.9 (0.1.0)\n",
        "explained  2 paths whose difference changes nothing: 2 transform-bytecode\n",
        "declared  1 difference that the toolchain file allows: openssl\n",
        "fail: 1 error, 2 notes, 1 declared, 1 accepted in venv and nix (docker not compared)\n",
    )
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert text.endswith(order[-1])


def test_a_single_door_is_not_named_in_every_line() -> None:
    alone = replace(sample(), doors=sample().doors[:1])
    assert "[venv]" not in render(alone, "terminal")


def test_many_findings_of_one_code_are_counted_and_cut() -> None:
    text = render(many(40), "terminal")
    assert "error lock-extra: installed, but not in the lock  40\n" in text
    assert text.count("expected nothing") == 20
    assert "  and 20 more; see all with --format html, json or sarif\n" in text
    assert render(many(40, Severity.NOTE), "terminal").count("expected nothing") == 8


def test_many_lines_of_one_finding_are_counted_and_cut() -> None:
    long = finding(FILE_ONLY_IN, "files", details=[f"line {number}" for number in range(1200)])
    text = render(replace(sample(), findings=(long,)), "terminal")
    assert len(re.findall(r"line \d+", text)) == 6
    assert "and 1,194 more" in text


def test_a_fix_of_all_findings_of_one_code_is_shown_once() -> None:
    fix = Fix("sync", "Install what v0.4.txt pins.", ("pip install --no-deps -r v0.4.txt",), door="venv")
    report = many(5)
    text = render(replace(report, findings=tuple(replace(one, fixes=(fix,)) for one in report.findings)), "terminal")
    assert text.count("pip install --no-deps -r v0.4.txt") == 1
    own = [replace(one, fixes=(replace(fix, commands=(f"rm {place}",)),)) for place, one in enumerate(report.findings)]
    text = render(replace(report, findings=tuple(own)), "terminal")
    assert [f"rm {place}\n" in text for place in range(5)] == [True] * 5


def test_a_log_keeps_each_line_whole_and_a_terminal_wraps_it_under_its_indent() -> None:
    message = " ".join(["word"] * 100)
    report = replace(sample(), findings=(finding(FILE_ALTERED, message, doors=["venv"]),))
    assert f"  [venv] {message}\n" in render(report, "terminal")
    wrapped = _COLOUR.sub("", at_terminal(report, 60)).splitlines()
    assert max(map(len, wrapped)) <= 60
    assert [line for line in wrapped if "word" in line][1].startswith("  word")


def test_a_log_has_no_colour_and_no_trailing_blanks() -> None:
    text = render(sample(), "terminal")
    assert "\x1b" not in text
    assert not re.search(r" $", text, re.MULTILINE)


def test_markup_in_a_name_is_shown_unchanged() -> None:
    attack = "[bold]x[/bold] [link=https://example.invalid]y[/link] :smile: [/]"
    report = mapped(sample(), lambda text: f"{text}{attack}")
    assert f"track v0.4{attack}\n" in render(report, "terminal")
    for said in (report.findings[0].message, report.closed[0][1], path_text(report.why[0].paths[0])):
        assert said in render(report, "terminal")


def test_no_attack_steers_the_terminal() -> None:
    for attack in ATTACKS:
        check(mapped(sample(), lambda text, attack=attack: f"{text}{attack}"))


@fuzzed
@any_report
def test_no_text_can_control_the_terminal(report: Report) -> None:
    check(report)


def check(report: Report) -> None:
    assert re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", render(report, "terminal")) is None
    said = _COLOUR.sub("", at_terminal(report, 70))
    assert "\x1b" not in said
    printable(report)
