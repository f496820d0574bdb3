"""Checks of a page in a browser: its text has enough contrast for every reader, and Tab reaches every control."""

from pathlib import Path

from chromium import Chromium, Seen, asked_for

PHONE, DESKTOP = 390, 1280
"""The widths of the windows in pixels."""
LEAST = 4.5
"""The least contrast between a text and its background, as WCAG 2 defines it for level AA."""

_CONTRAST = """
(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const over = (top, below) => top.slice(0, 3).map((part, at) => part * top[3] / 255 + below[at] * (1 - top[3] / 255));
  const light = (rgb) => rgb.slice(0, 3).map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const shape = at.ownerSVGElement && [...at.children].find((one) => one.matches("rect, path, circle"));
      const filled = shape && getComputedStyle(shape).fill;
      const color = rgba(filled && filled !== "none" ? filled : getComputedStyle(at).backgroundColor);
      layers.push(color);
      if (color[3] === 255) break;
    }
    const ground = matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
    return layers.reverse().reduce((below, top) => over(top, below), ground);
  };
  const faults = new Map();
  for (const element of document.body.querySelectorAll("*")) {
    const texts = [...element.childNodes].filter((node) => node.nodeType === 3 && node.data.trim());
    if (!texts.length || element.matches(":disabled, option, script, style, title")) continue;
    if (!element.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
    const style = getComputedStyle(element), ground = behind(element);
    const ink = over(rgba(element.ownerSVGElement ? style.fill : style.color), ground);
    const [dark, bright] = [light(ink), light(ground)].sort((a, b) => a - b);
    const contrast = (bright + 0.05) / (dark + 0.05);
    if (contrast < LEAST) faults.set(`${element.tagName} .${element.getAttribute("class")}`,
      `${contrast.toFixed(2)}: ${texts[0].data.trim().slice(0, 40)}`);
  }
  return [...faults].map((fault) => fault.join(" ")).join("\\n");
})()
"""
# Tab reaches only the checked radio button of a group; the arrow keys reach the others.
_CONTROLS = """
[...document.querySelectorAll("a[href], button, summary, input, select, textarea, [tabindex]")].filter((one) =>
  one.tabIndex >= 0 && !one.matches(":disabled") && !(one.type === "radio" && !one.checked)
  && one.checkVisibility({visibilityProperty: true}))
"""


def low_contrast(browser: Chromium) -> list[str]:
    """Return a line for each kind of element whose text has less contrast than LEAST, with the contrast."""
    found = browser.value(_CONTRAST.replace("LEAST", str(LEAST)))
    assert isinstance(found, str), "the script that measures contrast failed"
    return found.splitlines()


def unreached(browser: Chromium) -> list[str]:
    """Press Tab often enough to reach every control of the page; return the controls that never had the focus."""
    browser.value(f"window.controls = {_CONTROLS}; window.reached = new Set(); document.activeElement.blur()")
    browser.value("addEventListener('focusin', (event) => reached.add(event.target))")
    # A part that scrolls gets the focus too, but it is not a control. So one press for each control is not enough.
    for pressed in range(2 * browser.value("controls.length") + 50):
        if pressed % 25 == 0 and browser.value("controls.every((one) => reached.has(one))"):
            break
        browser.press("Tab")
    left = browser.value(
        "controls.filter((one) => !reached.has(one)).map((one) => one.outerHTML.slice(0, 90)).join('\\n')"
    )
    return [line for line in str(left).splitlines() if line]


def audit(browser: Chromium, page: Path, *, keyboard: bool = True) -> list[Seen]:
    """Load a page at both widths in light and dark, assert that it has no fault, and return the four observations.

    A fault is a console message, a request, a page wider than the window, or text with too little contrast. With
    `keyboard`, a control that Tab does not reach is a fault too.
    """
    seen = []
    for width in (PHONE, DESKTOP):
        for dark in (False, True):
            one = browser.look(page, width=width, dark=dark)
            assert one.console == ()
            assert [url for url in one.requests if url != "data:,"] == [page.as_uri()]
            assert one.width == one.window == width, page.name
            assert low_contrast(browser) == [], (page.name, width, dark)
            seen.append(one)
        if keyboard:
            assert unreached(browser) == [], (page.name, width)
    return seen


def requested(log: Path) -> set[str]:
    """Return every address that a browser's pages requested, from the network log, without files and data URLs."""
    return {url for url in asked_for(log) if not url.startswith(("file:", "data:"))}
