"""Tests of the HTML pages in a real browser: no console message, no request, and not wider than the window."""

import socket
from pathlib import Path

import pytest
from chromium import PROGRAM, Chromium, asked_for
from history_samples import PRINTABLE, attacked, broken
from history_samples import sample as history
from report_samples import ATTACKS, collision, many, mapped, sample

from envparity.render.history.page import as_html as history_page
from envparity.render.history.timeline import as_svg
from envparity.render.page import as_html

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(PROGRAM is None, reason="no chromium on PATH; install chromium"),
]
PHONE, DESKTOP = 390, 1280


def test_the_report_loads_nothing_and_logs_nothing_at_any_width_and_colour_scheme(tmp_path: Path) -> None:
    attack = "".join(ATTACKS)
    reports = {
        "plain": sample(),
        "long": many(60),
        "real": collision(tmp_path / "environments"),
        "hostile": mapped(sample(), lambda text: f"{text}{attack}"),
    }
    with Chromium(tmp_path) as browser:
        backgrounds = set()
        for name, report in reports.items():
            page = tmp_path / f"{name}.html"
            page.write_text(as_html(report), encoding="utf-8")
            for width in (PHONE, DESKTOP):
                for dark in (False, True):
                    seen = browser.look(page, width=width, dark=dark)
                    assert seen.console == ()
                    assert [url for url in seen.requests if url != "data:,"] == [page.as_uri()]
                    assert seen.width == seen.window == width, name
                    backgrounds.add((dark, seen.background))
    assert len(backgrounds) == len({background for _, background in backgrounds}) == 2
    assert {url for url in asked_for(browser.log) if not url.startswith(("file:", "data:"))} == set()


def test_a_history_page_and_picture_load_nothing_and_log_nothing(tmp_path: Path) -> None:
    histories = {"plain": history(), "broken": broken(), "hostile": attacked(broken(), "".join(PRINTABLE))}
    with Chromium(tmp_path) as browser:
        backgrounds = set()
        for name, one in histories.items():
            page, picture = tmp_path / f"{name}.html", tmp_path / f"{name}.svg"
            page.write_text(history_page(one), encoding="utf-8")
            picture.write_text(as_svg(one), encoding="utf-8")
            for width in (PHONE, DESKTOP):
                for dark in (False, True):
                    seen = browser.look(page, width=width, dark=dark)
                    assert seen.console == ()
                    assert [url for url in seen.requests if url != "data:,"] == [page.as_uri()]
                    assert seen.width == seen.window == width, name
                    backgrounds.add((dark, seen.background))
                    drawn = browser.look(picture, width=width, dark=dark)
                    assert drawn.console == ()
                    assert drawn.requests == (picture.as_uri(),)
    assert len(backgrounds) == len({background for _, background in backgrounds}) == 2
    assert {url for url in asked_for(browser.log) if not url.startswith(("file:", "data:"))} == set()


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
