"""Tests of the settings of the website's generator."""

from dev.lockenv.project import Project
from dev.pages.site import conf


def test_only_the_start_page_gets_the_navigation() -> None:
    start, other = ["# start\n"], ["# other\n"]
    conf._read(None, "README", start)
    conf._read(None, "docs/start", other)
    assert start[0].count("```{toctree}") > 4
    assert other == ["# other\n"]


def test_sphinx_does_not_look_into_folders_without_pages(project: Project) -> None:
    pages = {path.relative_to(project.root).parts[0] for path in project.root.glob("*/**/*.md")}
    assert pages - {"docs", "envparity"} <= {
        *conf.exclude_patterns,
        ".venv",
        *(name for name in pages if name[0] == "."),
    }
