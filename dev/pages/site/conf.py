"""The settings of Sphinx, which makes the website. Sphinx runs this file in its own environment.

Sphinx reads each variable by its name: https://www.sphinx-doc.org/en/master/usage/configuration.html.
"""

import sys
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(_ROOT))  # Sphinx runs this file outside any package

from dev.pages.site.sources import OVERVIEW, PAGES, with_navigation, with_pictures  # noqa: E402

project = "py-libp2p-ping-test"
root_doc = "README"
include_patterns = [*PAGES]
exclude_patterns = [".*", "dev", "evidence", "examples", "peers", "tests"]
extensions = ["myst_parser"]
# Headings have the same anchors as on GitHub, so that one link works in both places.
myst_heading_anchors = 6
# Do not warn if the headings of a page skip a level: GitHub allows this too.
suppress_warnings = ["myst.header"]
highlight_language = "none"
html_theme = "furo"
html_title = project
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"


def _read(_app: object, page: str, source: list[str]) -> None:
    source[0] = with_pictures(source[0])
    if page == root_doc:
        source[0] = with_navigation(source[0], (_ROOT / OVERVIEW).read_text(encoding="utf-8"))


def setup(app: Any) -> None:
    """Register `_read`, which changes the text of each page before Sphinx parses it."""
    app.connect("source-read", _read)
