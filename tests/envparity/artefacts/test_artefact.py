"""Tests of the types of artefacts: they are values, which compare by their contents."""

import msgspec
import pytest

from envparity.artefacts.artefact import Artefact, Artefacts, Wheel

WHEEL = Wheel("alpha", "1.0", "alpha-1.0.dist-info", files={"alpha.py": "a" * 64}, scripts={"x": b"#!python\n\xff"})


def test_a_wheel_is_the_same_after_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(WHEEL), type=Wheel) == WHEEL


def test_artefacts_cannot_be_changed() -> None:
    one = Artefact(WHEEL, "lock")
    with pytest.raises(AttributeError):
        one.basis = "built"  # type: ignore[misc] # the test tries what mypy forbids
    assert Artefacts({"alpha": one}, {}) == Artefacts({"alpha": Artefact(WHEEL, "lock")}, {})
