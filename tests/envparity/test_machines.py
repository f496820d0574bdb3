"""Tests of the names of machines."""

import pytest

from envparity.machines import machine_words


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("64-bit machine 62", "x86_64"),
        ("64-bit machine 183", "aarch64"),
        ("32-bit machine 3", "i686"),
        ("32-bit machine 62", "a 32-bit machine 62"),  # the ABI x32 has the number of x86_64
        ("64-bit machine 9999", "a 64-bit machine 9999"),
    ],
)
def test_a_machine_is_named_if_it_is_known(kind: str, words: str) -> None:
    assert machine_words(kind) == words
