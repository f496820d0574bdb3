"""Tests of version constraints in Poetry's notation."""

import pytest

from envparity.project.locks.poetry_constraint import allows


@pytest.mark.parametrize(
    ("constraint", "inside", "outside"),
    [
        ("^1.2", ["1.2", "1.9.9"], ["1.1", "2.0", "2.0a1"]),
        ("^0.2.3", ["0.2.3", "0.2.9"], ["0.3", "0.2.2"]),
        ("^0.0.3", ["0.0.3"], ["0.0.4"]),
        ("~1.2", ["1.2.9"], ["1.3"]),
        ("~1", ["1.9"], ["2"]),
        ("1.*", ["1.5"], ["2.0"]),
        ("1.2.3", ["1.2.3"], ["1.2.4"]),
        (">=1,<2 || >=3", ["1.5", "3.1"], ["2.5"]),
        (">=1.0 <2.0", ["1.5"], ["2.5"]),
        ("~=1.4", ["1.9"], ["2.0"]),
        ("*", ["0", "99"], []),
        ("", ["1"], []),
        ("not a constraint", ["1"], []),
    ],
)
def test_a_constraint_allows_what_poetry_allows(constraint: str, inside: list[str], outside: list[str]) -> None:
    assert [allows(constraint, one) for one in inside] == [True] * len(inside)
    assert [allows(constraint, one) for one in outside] == [False] * len(outside)
    assert allows(constraint, "no version")
