"""Tests of the HTML pages in a real browser: no console message, no request, no overflow, contrast and keyboard."""

import socket
from pathlib import Path

import pytest
from broken_environment import broken_report
from chromium import PROGRAM, Chromium, asked_for
from history_samples import PRINTABLE, attacked, broken
from history_samples import sample as history
from page_audit import DESKTOP, PHONE, audit, low_contrast, requested, unreached
from report_samples import ATTACKS, collision, many, mapped, sample

from envparity.render.history.page import as_html as history_page
from envparity.render.history.timeline import as_svg
from envparity.render.page import as_html

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(PROGRAM is None, reason="no chromium on PATH; install chromium"),
]
SHOWN = "[...document.querySelectorAll('.finding')].filter(one => !one.hidden)"


def test_the_report_is_for_every_reader_and_loads_nothing(tmp_path: Path) -> None:
    attack = "".join(ATTACKS)
    reports = {
        "plain": sample(),
        "long": many(60),
        "real": collision(tmp_path / "environments"),
        "hostile": mapped(sample(), lambda text: f"{text}{attack}"),
        "hostile-long": mapped(many(10), lambda text: f"{text}{attack}"),
    }
    with Chromium(tmp_path) as browser:
        for name, report in reports.items():
            page = tmp_path / f"{name}.html"
            page.write_text(as_html(report), encoding="utf-8")
            seen = audit(browser, page, keyboard=name in ("plain", "long"))
            assert seen[0].background == seen[2].background != seen[1].background == seen[3].background
    assert requested(browser.log) == set()


@pytest.mark.slow
def test_a_report_of_400_findings_can_be_read_filtered_and_linked_to(tmp_path: Path) -> None:
    report = broken_report(tmp_path)
    count = len(report.findings)
    assert count > 300
    page = tmp_path / "page.html"
    page.write_text(as_html(report), encoding="utf-8")
    with Chromium(tmp_path) as browser:
        audit(browser, page)
        browser.look(page, width=DESKTOP, dark=False)
        browser.value("document.querySelectorAll('details').forEach(one => one.open = false)")
        assert browser.value("document.querySelector('#matching').textContent") == f"{count} of {count} findings"
        for field, value, found in (
            ("code", "file-altered", 60),
            ("name", "part-07-altered", 1),
            ("kind", "note", 60),
            ("text", "PART_11_", 5),
        ):
            browser.value(f"document.querySelector('#{field}').value = '{value}'")
            browser.value(f"document.querySelector('#{field}').dispatchEvent(new Event('input', {{bubbles: true}}))")
            assert browser.value(f"{SHOWN}.length") == found, field
            assert browser.value(f"{SHOWN}.every(one => one.checkVisibility())"), field
            browser.value("document.querySelector('[type=reset]').click()")
            assert browser.until(f"{SHOWN}.length", lambda now: now == count) == count
        assert not browser.value("document.querySelector('.more').open")
        browser.value("location.hash = 'path-contested_part-41-first'")
        linked = "document.querySelector(':target')"
        assert browser.until(f"{linked} !== null && {linked}.checkVisibility()", bool)
        assert browser.until(f"{linked}.getBoundingClientRect().top", lambda top: 0 <= top < 100) < 100
        ids = "[...document.querySelectorAll('[id]')].map(one => one.id)"
        assert browser.value(f"new Set({ids}).size") == browser.value(f"{ids}.length")


def test_without_scripts_the_report_is_complete(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(as_html(many(30)), encoding="utf-8")
    with Chromium(tmp_path) as browser:
        browser.scripts(run=False)
        seen = browser.look(page, width=PHONE, dark=False)
        assert (seen.console, seen.width) == ((), PHONE)
        assert not browser.value("document.querySelector('.filters').checkVisibility()")
        assert browser.value(f"{SHOWN}.length") == 30
        assert browser.value(f"{SHOWN}.every(one => one.checkVisibility())")


def test_a_history_is_for_every_reader_and_loads_nothing(tmp_path: Path) -> None:
    histories = {"plain": history(), "broken": broken(), "hostile": attacked(broken(), "".join(PRINTABLE))}
    with Chromium(tmp_path) as browser:
        for name, one in histories.items():
            page, picture = tmp_path / f"{name}.html", tmp_path / f"{name}.svg"
            page.write_text(history_page(one), encoding="utf-8")
            picture.write_text(as_svg(one), encoding="utf-8")
            seen = audit(browser, page)
            assert seen[0].background != seen[1].background
            for dark in (False, True):
                drawn = browser.look(picture, width=DESKTOP, dark=dark)
                assert drawn.console == ()
                assert drawn.requests == (picture.as_uri(),)
    assert requested(browser.log) == set()


def test_the_audit_finds_low_contrast_and_what_the_keyboard_cannot_reach(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        "<!doctype html><body style='background: #fff'><p style='color: #888'>grey</p><p>black</p>"
        "<div style='background: #000'><a href='#x'>blue on black</a></div>"
        "<button>good</button><span tabindex=0 onfocus='this.blur()' onfocusin='event.stopPropagation()'>bad</span>",
        encoding="utf-8",
    )
    with Chromium(tmp_path) as browser:
        browser.look(page, width=PHONE, dark=False)
        assert [line.partition(":")[0] for line in low_contrast(browser)] == ["P .null 3.54", "A .null 2.23"]
        assert [line[:5] for line in unreached(browser)] == ["<span"]


def test_a_page_that_loads_something_is_caught(tmp_path: Path) -> None:
    with socket.socket() as unused:  # the port is bound but not listening, so each request is refused
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/x.png"
        page = tmp_path / "page.html"
        wide = "<!doctype html><meta name=viewport content='width=device-width'><p style='width: 900px'>x"
        page.write_text(f"{wide}<img src={address}><script>console.error('said')</script>", encoding="utf-8")
        with Chromium(tmp_path) as browser:
            seen = browser.look(page, width=PHONE, dark=False)
    assert "said" in seen.console
    assert any("ERR_CONNECTION_REFUSED" in line for line in seen.console)
    assert address in seen.requests
    assert seen.width > PHONE
    assert address in asked_for(browser.log)


def test_the_policy_of_the_page_blocks_requests(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    injected = "<img src=http://127.0.0.1:9/x.png><script>console.error('said')</script></body>"
    page.write_text(as_html(sample()).replace("</body>", injected), encoding="utf-8")
    with Chromium(tmp_path) as browser:
        seen = browser.look(page, width=PHONE, dark=False)
    assert len(seen.console) == 2
    assert all("Content Security Policy" in line for line in seen.console)
    assert not any(url.startswith("http") for url in asked_for(browser.log))
