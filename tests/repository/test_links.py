"""Tests that every link leads to an existing file or heading, in every Markdown file and picture of the repository."""

import re
from pathlib import Path

import pytest

from dev.doors.sources import list_sources
from dev.lockenv.project import Project, this_project
from dev.pages.commands import anchor_of

ROOT = this_project().root
_LINK = re.compile(r"""(?:\]\(|\b(?:href|src|srcset)=")([^)"\s]+)""")


def pages() -> list[str]:
    return list_sources(ROOT, "*.md", "*.svg")


def prose(path: Path) -> str:
    """Return the text of a page without its code blocks and inline code."""
    return re.sub(r"`[^`\n]*`", "``", re.sub(r"(?ms)^( *)(```|~~~).*?^\1\2$", "", path.read_text(encoding="utf-8")))


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings; the anchor of a repeated heading ends with a number."""
    found: dict[str, int] = {}
    text = re.sub(r"(?ms)^( *)(```|~~~).*?^\1\2$", "", path.read_text(encoding="utf-8"))
    for heading in re.findall(r"(?m)^#{1,6} +(.+?)\s*#*$", text):
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        found[anchor_of(plain)] = found.get(anchor_of(plain), -1) + 1
    return {f"{one}-{number}" if number else one for one, most in found.items() for number in range(most + 1)}


@pytest.mark.parametrize("name", pages())
def test_every_link_has_a_target(project: Project, name: str) -> None:
    page = project.root / name
    dead = []
    for link in _LINK.findall(prose(page)):
        where, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        target = page.parent / where if where else page
        if not target.exists() or (anchor and page.suffix == ".md" and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


def test_links_and_anchors_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One, *two*\n```\n# none\n[no](none)\n```\n## One two\n## `a/b` c-d\n[x](y.md#z) `[no](no)`\n")
    assert anchors(page) == {"one-two", "one-two-1", "ab-c-d"}
    assert _LINK.findall(prose(page)) == ["y.md#z"]
    assert len({link for name in pages() for link in _LINK.findall(prose(ROOT / name)) if "#" in link}) > 20


@pytest.mark.parametrize("name", [name for name in pages() if name.startswith("docs/") and name.endswith(".svg")])
def test_a_picture_loads_nothing(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert re.findall(r"https?:|//|@import|<script|<image|url\((?!#)", text) == []


def test_every_page_can_be_reached_from_the_readme(project: Project) -> None:
    seen, left = set(), [project.root / "README.md"]
    while left:
        page = left.pop().resolve()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        left += [page.parent / link.partition("#")[0] for link in _LINK.findall(prose(page)) if link[0] not in "#h"]
    docs = set((project.root / "docs").resolve().rglob("*.md"))
    assert docs - seen == set()
