"""Tests of the matrix as an HTML page: its contents, that no shown text becomes HTML, and how it works in a browser."""

import base64
import hashlib
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from chromium import PROGRAM, Chromium
from html_reader import TAME, Parsed
from hypothesis import given, settings
from hypothesis import strategies as st
from matrix_samples import mapped, sample, small
from page_audit import DESKTOP, PHONE, audit, low_contrast, requested
from report_samples import ATTACKS

from dev.matrix.endings import COMPARES, Ending, Implementation, PingOutcome, Results
from dev.matrix.page import command, page, shown_log
from dev.matrix.plan import every_test
from pingtest.report import Latency


def only(status: Ending) -> Results:
    results = small()
    return replace(results, outcomes=tuple(one for one in results.outcomes if one.status is status))


def test_the_page_begins_with_the_result_and_the_count_of_each_status() -> None:
    text = Parsed(page(small())).text
    assert "fail: 1 fail, 1 unexpected, 1 flaky, 1 pass, 1 limit, 1 unsupported; 6 tests in all" in text
    for status in Ending:
        assert re.search(rf"\b1 {status}", text)
    assert "v0.8 py-libp2p 0.8.1" in text
    assert "took 9.0 s" in text


@pytest.mark.parametrize(
    ("status", "ended"), [("pass", "Pass"), ("limit", "Pass"), ("flaky", "Fail"), ("fail", "Fail")]
)
def test_a_flaky_test_is_a_failure_and_a_known_limit_is_not(status: str, ended: str) -> None:
    results = only(Ending(status))
    assert f"{ended.lower()}:" in Parsed(page(results)).text.lower()
    assert f'<body class="ended-{ended.lower()}">' in page(results)


def test_a_run_without_tests_is_not_a_pass() -> None:
    text = page(Results("", 0.0, (), ()))
    assert "no test was planned" in text
    assert "<script" not in text
    assert 'class="ended-none"' in text


def test_each_status_has_its_own_sign_in_its_cell() -> None:
    cells = re.findall(r'<td class="(\w+)" style="[^"]*"><a [^>]*>(.*?)</a>', page(small()), re.DOTALL)
    shown = {status: re.sub(r"<[^>]*>|\s", " ", inner).split() for status, inner in cells}
    assert shown == {
        "pass": ["✓", "10.0", "1.00"],
        "limit": ["◇", "limit"],
        "unsupported": ["–"],  # noqa: RUF001 - this sign is intended
        "flaky": ["≈", "13.0", "4.00"],
        "unexpected": ["!", "14.0", "5.00"],
        "fail": ["✗", "fail"],
    }


def test_the_details_show_the_cause_the_error_the_log_and_a_command_to_repeat_the_test() -> None:
    text = Parsed(page(only(Ending.LIMIT))).text
    for words in (
        "cause the cause of limit",
        "error ping_test: the error of limit",
        "the log of limit",
        "scripts/matrix --into matrix-again --select 'v0.8 x go (tcp, tls, yamux)'",
    ):
        assert words in text


def test_the_command_is_quoted_for_the_shell() -> None:
    (test,) = every_test("it's", "$(reboot)", ["quic-v1"])
    words = shlex.split(command(PingOutcome(test, Ending.FAIL, 0.0, 1)))
    assert words == ["scripts/matrix", "--into", "matrix-again", "--select", "it's x $(reboot) (quic-v1)"]


def test_failures_come_first() -> None:
    found = re.findall(r'data-status="(\w+)"', page(sample()))
    assert list(dict.fromkeys(found)) == ["fail", "unexpected", "flaky", "limit", "pass", "unsupported"]
    assert len(found) == len(sample().outcomes)


def test_the_title_counts_every_test() -> None:
    for results in (sample(), small(), only(Ending.UNSUPPORTED)):
        counted, _, total = page(results).partition("<title>")[2].partition("</title>")[0].rpartition("; ")
        assert total in (f"{len(results.outcomes)} tests in all", "1 test in all")
        figures = re.findall(r"\b(\d+) (?:pass|limit|unsupported|fail|flaky|unexpected)\b", counted)
        assert sum(map(int, figures)) == len(results.outcomes)


def test_the_page_explains_which_figures_compare_and_that_nothing_is_patched() -> None:
    text = Parsed(page(small())).text
    assert COMPARES.replace("`", "") in text
    assert "<code>scripts/bench peers</code> measures" in page(small())
    assert "so compare" not in text
    assert "Each dialer measures in the way that is usual for its library" in text
    assert "runs without patches" in text


def test_a_long_log_is_cut_and_the_page_names_the_whole_file() -> None:
    log = "".join(f"line {number}\n" for number in range(100_000))
    results = only(Ending.FAIL)
    results = replace(results, outcomes=(replace(results.outcomes[0], log=log),))
    text = page(results)
    assert len(text) < 150_000
    assert "Log, 100,000 lines" in text
    assert "The folder <code>logs</code> has the whole log." in text
    assert "line 0\n" in text
    assert "line 99999</pre>" in text


def test_the_page_of_a_whole_matrix_with_long_logs_stays_small() -> None:
    results = sample()
    log = "a line of a log\n" * 65_000
    results = replace(results, outcomes=tuple(replace(one, log=log) for one in results.outcomes))
    assert len(page(results)) < 6_000_000


def test_the_log_of_a_passed_test_is_cut_more() -> None:
    (test,) = every_test("a", "b", ["quic-v1"])
    passed, failed = (
        shown_log(PingOutcome(test, status, 0.0, 1, log="x" * 30_000)) for status in (Ending.PASS, Ending.FAIL)
    )
    assert (passed.left, failed.left) == (26_000, 0)
    assert shown_log(PingOutcome(test, Ending.PASS, 0.0, 1, log="a\r\n\x1b[1mb\tc")).head == "a\n\\x1b[1mb\tc"


@pytest.mark.parametrize("figure", [0.0, -1.0, float("nan"), float("inf"), 1e-300, 1e300])
def test_a_figure_outside_every_scale_is_shown(figure: float) -> None:
    results = only(Ending.PASS)
    odd = replace(results.outcomes[0], latency=Latency(figure, figure))
    assert Parsed(page(replace(results, outcomes=(odd,)))).open == []
    assert Parsed(page(replace(results, outcomes=(odd, *small().outcomes)))).open == []


def test_an_implementation_that_is_not_declared_has_its_row() -> None:
    text = page(replace(small(), implementations=()))
    assert '<th scope="row">v0.8</th>' in text
    assert '<th scope="col">go</th>' in text


def test_the_same_results_make_the_same_page() -> None:
    assert page(sample()) == page(sample())


def test_the_page_requests_nothing_and_allows_only_its_own_script() -> None:
    text = page(sample())
    parsed = Parsed(text)
    assert [value for name, value in parsed.values if name in ("src", "srcset", "action", "data")] == []
    assert {value for name, value in parsed.values if name == "href" and value[0] != "#"} == {"data:,"}
    assert not re.search(r"url\(|@import|https?:|<iframe| on[a-z]+=", text)
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in text


@pytest.mark.parametrize("attack", ATTACKS)
def test_each_attack_is_shown_as_text(attack: str) -> None:
    check(attack)


@given(st.text())
@settings(max_examples=25)
def test_no_text_becomes_an_html_element(text: str) -> None:
    check(text)


def check(attack: str) -> None:
    """Check that a page with the text `attack` has the same elements and text as a page with a harmless text."""
    results = mapped(small(), lambda text: f"{text}{attack}")
    quoted = shlex.quote("'")[1:-1]
    shown, tame = (
        Parsed(page(one), drawn=True) for one in (results, mapped(results, lambda text: text.translate(TAME)))
    )
    assert shown.open == []
    assert shown.elements == tame.elements
    assert shown.text.replace(quoted, "'").translate(TAME) == tame.text.replace(quoted, "'").translate(TAME)
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", page(results)
    )


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tmp_path_factory.mktemp("browser")) as one:
        yield one


@pytest.fixture
def full(tmp_path: Path, browser: Chromium) -> Path:
    """Open the page of the realistic sample in the browser, with every `details` element closed; return the file."""
    file = tmp_path / "page.html"
    file.write_text(page(sample()), encoding="utf-8")
    browser.look(file, width=DESKTOP, dark=False)
    browser.value("document.querySelectorAll('details').forEach(one => one.open = false)")
    return file


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(PROGRAM is None, reason="no chromium on PATH; install chromium")
def test_the_page_is_for_every_reader_and_loads_nothing(tmp_path: Path) -> None:
    attack = "".join(ATTACKS)
    many = tuple(Implementation(f"side-{number}", "a-library", "1.0") for number in range(12))
    pages = {
        "full": sample(),
        "hostile": mapped(small(), lambda text: f"{text}{attack}"),
        "many": replace(small(), implementations=many),
        "small": small(),
    }
    with Chromium(tmp_path) as browser:
        for name, results in pages.items():
            file = tmp_path / f"{name}.html"
            file.write_text(page(results), encoding="utf-8")
            # The full page has the same kinds of controls as the small page, but 1,400 of them.
            seen = audit(browser, file, keyboard=name != "full")
            assert seen[0].background == seen[2].background != seen[1].background == seen[3].background
            for width in (PHONE, DESKTOP):
                for dark in (False, True):
                    browser.look(file, width=width, dark=dark)
                    browser.value("document.querySelector('.card a').click()")
                    browser.value("document.querySelectorAll('dialog details').forEach(one => one.open = true)")
                    assert browser.value("document.querySelector('dialog').scrollWidth") <= width
                    assert low_contrast(browser) == [], (name, width, dark)
    assert requested(browser.log) == set()


SHOWN = "[...document.querySelectorAll('[data-row]')].filter(one => !one.hidden)"
CELLS = "[...document.querySelectorAll('.card a')].filter(one => one.checkVisibility({visibilityProperty: true}))"
NAME = "document.activeElement.getAttribute('aria-label')"


@pytest.mark.browser
@pytest.mark.skipif(PROGRAM is None, reason="no chromium on PATH; install chromium")
@pytest.mark.usefixtures("full")
def test_the_page_filters_by_status_side_transport_and_text(browser: Chromium) -> None:
    outcomes = sample().outcomes
    count = f"{SHOWN}.length"
    assert browser.value(count) == browser.value(f"{CELLS}.length") == len(outcomes)
    browser.value("document.querySelector('[value=limit]').click()")
    assert browser.value(count) == browser.value(f"{CELLS}.length") == 37
    assert browser.value("document.querySelector('#matching').textContent") == "37 of 500 tests"
    assert browser.value("[...document.querySelectorAll('[data-status=limit]')].every(one => one.checkVisibility())")
    browser.value("document.querySelector('#reset').click()")
    assert browser.value(count) == len(outcomes)
    assert browser.value("document.activeElement.id") == "text"
    for key in "x509":
        browser.press(key)
    assert browser.value(f"{SHOWN}.map(one => one.dataset.status).join()") == "fail,fail"
    browser.value("document.querySelector('#reset').click()")
    for field, value in (("side", "rust"), ("transport", "quic-v1")):
        browser.value(f"document.querySelector('#{field}').value = '{value}'")
        browser.value(f"document.querySelector('#{field}').dispatchEvent(new Event('input', {{bubbles: true}}))")
    fitting = [
        one for one in outcomes if "rust" in (one.test.dialer, one.test.listener) and one.test.transport == "quic-v1"
    ]
    assert browser.value(count) == browser.value(f"{CELLS}.length") == len(fitting)
    assert browser.value("[...document.querySelectorAll('.card')].filter(one => !one.hidden).length") == 1
    browser.value("document.querySelector('#reset').click()")
    browser.value("""document.querySelector("[data-find='js x go (']").click()""")
    assert browser.value(count) == len([one for one in outcomes if one.test.name.startswith("js x go (")])


@pytest.mark.browser
@pytest.mark.skipif(PROGRAM is None, reason="no chromium on PATH; install chromium")
@pytest.mark.usefixtures("full")
def test_the_keyboard_reaches_opens_and_leaves_a_cell(browser: Chromium) -> None:
    browser.value("document.querySelector('#show-handshake').focus()")
    browser.press("Tab")
    assert str(browser.value(NAME)).startswith("v0.4 x v0.4 (tcp, noise, yamux): pass, ")
    for key, name in (
        ("ArrowRight", "v0.4 x v0.8"),
        ("ArrowDown", "v0.8 x v0.8"),
        ("End", "v0.8 x rust"),
        ("ArrowRight", "v0.8 x rust"),
        ("ArrowUp", "v0.4 x rust"),
        ("Home", "v0.4 x v0.4"),
    ):
        browser.press(key)
        assert str(browser.value(NAME)).startswith(f"{name} (tcp, noise, yamux)"), key
    browser.press("Tab")
    assert "(tcp, noise, mplex)" in browser.value(NAME)
    for key in ("Enter", " "):
        browser.press(key)
        assert browser.value("document.querySelector('dialog').open")
        assert browser.value("document.querySelector('#opened').textContent") == "v0.4 x v0.4 (tcp, noise, mplex)"
        assert browser.value("document.activeElement.id") == "close"
        browser.press("Escape")
        assert not browser.value("document.querySelector('dialog').open")
        assert "v0.4 x v0.4 (tcp, noise, mplex)" in browser.value(NAME)


@pytest.mark.browser
@pytest.mark.skipif(PROGRAM is None, reason="no chromium on PATH; install chromium")
@pytest.mark.usefixtures("full")
def test_a_cell_opens_its_log_and_copies_its_command(browser: Chromium) -> None:
    browser.value("document.querySelector('.card .fail a').click()")
    assert not browser.value("document.querySelector('dialog pre').checkVisibility()")
    for key in ("Tab", "Enter"):
        browser.press(key)
    # The button changes its text only when the browser reports that it has copied, so the test waits.
    assert browser.until("document.querySelector('dialog .copy').textContent", lambda text: text != "Copy") == "Copied"
    browser.press("Tab")
    assert browser.value("document.querySelector('dialog .copy').textContent") == "Copy"
    browser.press("Enter")
    assert browser.value("document.querySelector('dialog pre').checkVisibility()")
    assert "swarm: attempt 0" in browser.value("document.querySelector('dialog pre').textContent")
    browser.press("Escape")
    browser.value("document.querySelector('#text').focus()")
    browser.press("v", "paste")
    assert browser.value("document.querySelector('#text').value").startswith(
        "scripts/matrix --into matrix-again --select 'js x go (wss, noise, yamux)'"
    )


@pytest.mark.browser
@pytest.mark.skipif(PROGRAM is None, reason="no chromium on PATH; install chromium")
def test_without_scripts_everything_is_visible_and_a_cell_links_to_its_details(
    tmp_path: Path, browser: Chromium
) -> None:
    file = tmp_path / "page.html"
    file.write_text(page(sample()), encoding="utf-8")
    browser.scripts(run=False)
    try:
        seen = browser.look(file, width=PHONE, dark=False)
        assert seen.console == ()
        assert seen.width == PHONE
        assert not browser.value("document.querySelector('.filters').checkVisibility()")
        assert not browser.value("document.querySelector('.copy').checkVisibility()")
        browser.value("document.querySelectorAll('details').forEach(one => one.open = false)")
        browser.value("document.querySelector('.card .pass a').click()")
        target = "document.querySelector(document.querySelector('.card .pass a').getAttribute('href'))"
        assert browser.value(f"{target}.checkVisibility()")
    finally:
        browser.scripts(run=True)


@pytest.mark.browser
@pytest.mark.skipif(PROGRAM is None, reason="no chromium on PATH; install chromium")
def test_the_pages_policy_stops_an_injected_script(tmp_path: Path, browser: Chromium) -> None:
    file = tmp_path / "page.html"
    injected = "<img src=http://127.0.0.1:9/x.png><script>console.error('said')</script></body>"
    file.write_text(page(small()).replace("</body>", injected), encoding="utf-8")
    seen = browser.look(file, width=PHONE, dark=False)
    assert len(seen.console) == 2
    assert all("Content Security Policy" in line for line in seen.console)
