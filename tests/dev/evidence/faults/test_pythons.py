"""Tests of the installations of Python that a fault may change."""

import subprocess
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.evidence.faults.pythons import as_another_build, link_python


def test_the_linked_python_runs_in_its_own_folder(tmp_path: Path) -> None:
    python = link_python(tmp_path / "python")
    said = subprocess.check_output([python, "-I", "-c", "import json, sys; print(sys.prefix)"], text=True)
    assert said.strip() == str(tmp_path / "python")
    before = python.read_bytes()
    as_another_build(python)
    assert sum(one != other for one, other in zip(before, python.read_bytes(), strict=True)) == 20
    assert subprocess.check_output([python, "-I", "-c", "print(1)"], text=True) == "1\n"


def test_a_program_without_a_build_id_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "python").write_text("#!/bin/sh\n")
    with pytest.raises(CommandError, match="expected a GNU build ID"):
        as_another_build(tmp_path / "python")
