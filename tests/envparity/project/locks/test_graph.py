"""Tests of the walk through the packages of a lock."""

import pytest

from envparity.errors import EnvparityError
from envparity.project.locks.graph import Edge, Walk, marker_holds

LINUX = {"sys_platform": "linux"}


def test_a_walk_follows_the_edges_whose_marker_holds_and_ends_in_a_cycle() -> None:
    edges = {
        "a": [Edge("b", ("x",)), Edge("c", (), "sys_platform == 'win32'")],
        "b": [Edge("a")],
        "b[x]": [Edge("d")],
        "d": [Edge("gone")],
    }
    nodes = {name: [name] for name in "abcd"}

    def follow(entry: list[str], extras: frozenset[str]) -> list[Edge]:
        return [*edges.get(entry[0], ()), *(one for extra in extras for one in edges.get(f"{entry[0]}[{extra}]", ()))]

    walk = Walk(LINUX, lambda edge: nodes.get(edge.name), follow, "LOCK")
    assert sorted(name for (name,) in walk.run([Edge("a")])) == ["a", "b", "d"]


@pytest.mark.parametrize(
    ("marker", "holds"),
    [
        (None, True),
        ("", True),
        ("extra == 'a'", True),
        ("extra == 'b'", False),
        ("extra != 'b' and sys_platform == 'linux'", True),
        ("'a' == extra and extra != 'a'", False),
        ('extra == "a" or sys_platform == "win32"', True),
    ],
)
def test_a_marker_may_name_several_extras(marker: str | None, holds: bool) -> None:
    assert marker_holds(marker, LINUX, frozenset({"a"}), "LOCK") is holds


def test_a_text_that_is_no_marker_is_an_error() -> None:
    with pytest.raises(EnvparityError, match=r"^LOCK: expected a marker, found 'what'$"):
        marker_holds("what", LINUX, frozenset(), "LOCK")
