"""Tests of noticing that a lock was made from other requirements than pyproject.toml has."""

from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.dispatch import COMMANDS, Needs
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.fresh import check_fresh, comment_of, digest_of
from dev.lockenv.project import Project, read_project
from dev.release.distributions import copied

GROUPS = """
[dependency-groups]
a = ["one==1", "two>=2"]
b = [{include-group = "a"}, "three"]
"""


@pytest.fixture
def pyproject(tmp_path: Path) -> Path:
    path = tmp_path / "pyproject.toml"
    path.write_text(GROUPS)
    return path


def lock(pyproject: Path, group: str) -> bytes:
    digest = digest_of(pyproject, group)
    assert digest is not None
    return f"# Made\n{comment_of(digest)}one==1\n".encode()


def test_every_lock_of_this_project_is_fresh(project: Project) -> None:
    for name in project.groups:
        content = project.lock(name).read_bytes()
        assert comment_of(digest_of(project.root / "pyproject.toml", name) or "none").encode() in content
        check_fresh(project.root, name, content)


@pytest.mark.parametrize(
    "text",
    [
        GROUPS.replace('"one==1", "two>=2"', '# a comment\n  "two>=2",\n  "one==1"'),
        GROUPS + "[project]\nname = 'x'\n",
        GROUPS + "c = ['four']\n",
    ],
)
def test_the_same_requirements_in_other_words_are_the_same(pyproject: Path, text: str) -> None:
    locks = {name: lock(pyproject, name) for name in "ab"}
    pyproject.write_text(text)
    for name, content in locks.items():
        check_fresh(pyproject.parent, name, content)


@pytest.mark.parametrize(
    "text",
    [
        GROUPS.replace("one==1", "one==1.1"),
        GROUPS.replace('"one==1", ', ""),
        GROUPS.replace('"two>=2"', '"two>=2", "five"'),
        GROUPS + "[[tool.uv.dependency-metadata]]\nname = 'one'\nversion = '1'\n",
    ],
)
def test_other_requirements_are_one_line_also_in_an_included_group(pyproject: Path, text: str) -> None:
    locks = {name: lock(pyproject, name) for name in "ab"}
    pyproject.write_text(text)
    for name, content in locks.items():
        with pytest.raises(CommandError) as caught:
            check_fresh(pyproject.parent, name, content)
        assert str(caught.value) == (
            f"locks/{name}.txt: expected a lock made from the group {name} of pyproject.toml, found a lock of other "
            "requirements; make it again with: scripts/lock"
        )


def test_groups_that_include_each_other_end(pyproject: Path) -> None:
    pyproject.write_text('[dependency-groups]\na = [{include-group = "b"}]\nb = [{include-group = "a"}, "x"]\n')
    assert digest_of(pyproject, "a") != digest_of(pyproject, "none") is None


def test_a_lock_without_a_digest_is_not_judged(pyproject: Path) -> None:
    check_fresh(pyproject.parent, "a", b"one==2\n")


def test_a_pyproject_that_cannot_be_read_is_one_line(pyproject: Path) -> None:
    content = lock(pyproject, "a")
    pyproject.write_text("[")
    with pytest.raises(CommandError, match=r"pyproject\.toml: expected the project's settings, found: "):
        check_fresh(pyproject.parent, "a", content)


def test_only_the_command_that_locks_accepts_a_stale_lock(project: Project, tmp_path: Path) -> None:
    copied(project, tmp_path, 0o022)
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace("\ntools = [\n", '\ntools = [\n  "one-more",\n', 1))
    maker = EnvironmentMaker(read_project(tmp_path, project.home))
    with pytest.raises(CommandError, match=r"expected a lock made from the group tools of pyproject\.toml"):
        maker.tools()
    assert maker._make("tools", ["tools"], stale=True) == project.environment("tools") / "bin" / "python"
    assert [name for name, one in COMMANDS.items() if one.needs is Needs.STALE_TOOLS] == ["lock"]
