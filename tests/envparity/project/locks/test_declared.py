"""Tests of the requirements that a pyproject.toml declares."""

from pathlib import Path

import pytest

from envparity.project.locks.declared import edges_of, group_edges, mapping, named, project_name, texts
from envparity.project.locks.graph import Edge


def test_an_entry_that_is_no_requirement_has_no_edge() -> None:
    listed = ["Alpha[b,a]>=1 ; python_version > '3'", "-e file:///here", {"include-group": "x"}, 3, "("]
    assert list(edges_of(listed)) == [Edge("alpha", ("a", "b"), 'python_version > "3"', ">=1")]
    assert list(edges_of("alpha")) == []
    assert (texts(["a", 1]), texts(None), mapping([]), mapping({"a": 1})) == (["a"], [], {}, {"a": 1})


def test_a_group_includes_other_groups_and_at_most_once_itself() -> None:
    groups = {
        "dev": ["alpha", {"include-group": "test"}],
        "test": ["beta", {"include-group": "dev"}, {"include-group": "gone"}],
    }
    assert [one.name for one in group_edges(groups, "dev")] == ["alpha", "beta"]
    assert list(group_edges(None, "dev")) == []


def test_two_spellings_of_a_group_are_one_name() -> None:
    groups = {"Type_Check": ["alpha", {"include-group": "The.Docs"}], "the-docs": ["beta"]}
    assert [one.name for one in group_edges(groups, "type-check")] == ["alpha", "beta"]
    assert named(groups, "the_docs") == ["beta"]
    assert named(groups, "other") is named(None, "other") is None


def test_an_editable_requirement_of_pdm_has_the_name_in_its_fragment() -> None:
    listed = ["-e file:///lib#egg=Lib[b,a]", "-e git+https://example.com/x.git@main#subdirectory=y&egg=other", "-e ."]
    assert list(edges_of(listed)) == [Edge("lib", ("a", "b"), None, ""), Edge("other", (), None, "")]


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        ("pyproject.toml", '[project]\nname = "shop"\n', "shop"),
        ("pyproject.toml", '[tool.poetry]\nname = "shop"\n', "shop"),
        ("pyproject.toml", "[project]\nname = 3\n", ""),
        ("setup.cfg", "[metadata]\nname = shop\n", "shop"),
        ("setup.py", 'setup(name="shop")\n', "shop"),
        ("setup.py", "setup()\n", ""),
    ],
)
def test_the_name_of_a_project_is_in_one_of_three_files(file: str, text: str, name: str, tmp_path: Path) -> None:
    (tmp_path / file).write_text(text)
    assert project_name(tmp_path) == name
