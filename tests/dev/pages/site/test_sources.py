"""Tests of what the website changes in a page: the navigation and the pictures in two colour schemes."""

from pathlib import Path

from dev.lockenv.project import Project
from dev.pages.site.sources import OVERVIEW, headings, with_navigation, with_pictures


def test_the_navigation_has_each_page_of_docs_once(project: Project) -> None:
    overview = (project.root / OVERVIEW).read_text(encoding="utf-8")
    text = with_navigation("# start\n", overview)
    pages = [line for line in text.splitlines() if line.startswith("docs/")]
    docs = {
        path.relative_to(project.root).with_suffix("").as_posix() for path in Path(project.root).glob("docs/**/*.md")
    }
    assert set(pages) == docs
    assert len(pages) == len(docs)


def test_the_headings_are_those_of_the_overview(project: Project) -> None:
    overview = (project.root / OVERVIEW).read_text(encoding="utf-8")
    names = [name for name, _ in headings(overview)]
    assert names[:2] == ["Start", "Your project"]
    assert names[-3:] == ["Concepts", "Reference", "This project"]


def test_a_picture_in_two_schemes_becomes_two_pictures() -> None:
    text = """before
<picture>
  <source media="(prefers-color-scheme: dark)" srcset="a/dark.png">
  <img src="a/light.png" width="800" alt="A report">
</picture>
after"""
    made = with_pictures(text)
    assert "<" not in made
    assert made.count(":alt: A report") == 2
    assert "```{image} a/light.png\n:class: only-light\n" in made
    assert "```{image} a/dark.png\n:class: only-dark\n" in made
    assert with_pictures("no picture") == "no picture"
