"""Tests of the website: it builds without a warning, loads nothing from elsewhere, and is for every reader."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from chromium import PROGRAM, Chromium
from page_audit import DESKTOP, PHONE, low_contrast, requested, unreached

from dev.command.errors import CommandError
from dev.lockenv.project import Project
from dev.pages.site.build import build_site

LOADED = {("link", "href"), ("script", "src"), ("img", "src"), ("source", "srcset"), ("iframe", "src")}


@pytest.fixture(scope="module")
def site(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the website of the repository; the first build installs Sphinx, which needs the package index."""
    into = tmp_path_factory.mktemp("site") / "made"
    build_site(project, into)
    return into


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tmp_path_factory.mktemp("browser")) as one:
        yield one


def test_a_folder_with_other_files_stays_unchanged(project: Project, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(CommandError, match=r"expected a new or empty folder, or an earlier site, found .*"):
        build_site(project, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.timeout(600)
def test_the_site_has_every_page_and_loads_nothing_from_elsewhere(project: Project, site: Path) -> None:
    names = {path.relative_to(site).with_suffix(".md").as_posix() for path in site.rglob("*.html")}
    assert {path.relative_to(project.root).as_posix() for path in project.root.glob("docs/**/*.md")} < names
    assert (site / "index.html").read_bytes() == (site / "README.html").read_bytes()
    assert (site / "search.html").is_file()
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        tags = re.findall(r"<(link|script|img|source|iframe)\b([^>]*)", text)
        for tag, attributes in tags:
            for name, value in re.findall(r'\b(href|src|srcset)="([^"]*)"', attributes):
                assert (tag, name) not in LOADED or not re.match(r"(?:https?:)?//", value), (path.name, value)

    for path in (*site.rglob("*.css"), *site.rglob("*.js")):
        assert not re.search(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", path.read_text(encoding="utf-8")), path.name


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.skipif(PROGRAM is None, reason="no chromium on PATH; install chromium")
def test_every_reader_can_read_the_site(site: Path, browser: Chromium) -> None:
    for page in sorted(site.rglob("*.html")):
        for width in (PHONE, DESKTOP):
            for dark in (False, True):
                seen = browser.look(page, width=width, dark=dark)
                assert (seen.console, seen.width) == ((), width), page
                assert all(url.startswith(("file:", "data:")) for url in seen.requests), page
                assert low_contrast(browser) == [], (page, width, dark)
    for width in (PHONE, DESKTOP):
        browser.look(site / "docs" / "start.html", width=width, dark=False)
        assert unreached(browser) == [], width


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.skipif(PROGRAM is None, reason="no chromium on PATH; install chromium")
def test_the_search_finds_a_page(site: Path, tmp_path: Path) -> None:
    with Chromium(tmp_path) as browser:
        browser.look(site / "search.html", width=DESKTOP, dark=False)
        browser.value("location.search = '?q=devcontainer'")
        links = "[...document.querySelectorAll('#search-results li a')].map(one => one.href).join(' ')"
        wanted = "docs/guides/devcontainer.html"
        # The page adds the results one after another.
        assert wanted in browser.until(links, lambda found: wanted in (found or ""))
    assert requested(browser.log) == set()


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.timeout(600)
def test_a_dead_link_fails_the_build(project: Project, site: Path, tmp_path: Path) -> None:
    assert site.is_dir()  # so the environment of Sphinx exists
    copy = tmp_path / "copy"
    shutil.copytree(project.root / "docs", copy / "docs")
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "pyproject.toml", "LICENSE"):
        shutil.copy(project.root / name, copy / name)
    for name in ("envparity", "locks"):
        shutil.copytree(project.root / name, copy / name)
    page = copy / "docs" / "start.md"
    page.write_text(page.read_text(encoding="utf-8") + "\n[gone](guides/gone.md) [nowhere](guides/nix.md#nowhere)\n")
    with pytest.raises(CommandError, match=r"without a warning, found: .*gone.*nowhere") as caught:
        build_site(replace(project, root=copy), tmp_path / "into")
    assert "start.md" in str(caught.value)
    assert not (tmp_path / "into").exists()
