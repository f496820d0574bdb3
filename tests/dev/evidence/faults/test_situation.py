"""Tests of the situations: how they find the Python that they need."""

import pytest

from dev.command.errors import CommandError
from dev.evidence.faults.situation import python_named


def test_a_missing_python_is_an_error() -> None:
    with pytest.raises(CommandError, match=r"expected python3\.99 on PATH, found none"):
        python_named("python3.99")
