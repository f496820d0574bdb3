"""Tests of finding the winner of a race between two distributions that install the same two files.

The winner is the distribution whose RECORD has the hashes of the files.
"""

from pathlib import Path

import pytest
from environment_builder import Environment

from dev.command.errors import CommandError
from dev.incident.race import FILES, record_hash, winning_claimant

ONE = {FILES[0]: "one = 1\n", FILES[1]: "one = 2\n", "multihash/constants.py": ""}
OTHER = {FILES[0]: "other = 1\n", FILES[1]: "other = 2\n", "multihash/funcs.py": ""}


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    made = Environment(tmp_path)
    made.add("pymultihash", "0.8.2", OTHER)
    made.add("py-multihash", "2.0.1", ONE)
    return made


def test_the_distribution_that_was_written_last_wins(environment: Environment) -> None:
    assert winning_claimant(environment.folder) == "py-multihash"
    environment.add("pymultihash", "0.8.2", OTHER)
    assert winning_claimant(environment.folder) == "pymultihash"


@pytest.mark.parametrize("file", FILES)
def test_one_file_from_each_is_torn(environment: Environment, file: str) -> None:
    (environment.site / file).write_text(OTHER[file])
    assert winning_claimant(environment.folder) is None


def test_bytes_of_neither_distribution_are_an_error(environment: Environment) -> None:
    (environment.site / FILES[1]).write_text("neither = 1\n")
    with pytest.raises(CommandError, match=r"expected multihash/multihash\.py of py-multihash or pymultihash, found"):
        winning_claimant(environment.folder)


def test_both_distributions_must_be_installed(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    environment.add("pymultihash", "0.8.2", OTHER)
    with pytest.raises(CommandError, match="expected py-multihash once in the environment, found it 0 times"):
        winning_claimant(environment.folder)


def test_the_hash_of_a_file_has_the_form_of_record() -> None:
    assert record_hash(b"") == "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
