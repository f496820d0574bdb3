"""Tests of the facts about a Python: the function returns the same facts as the module prints when it is run."""

import json
import subprocess
import sys

from dev.lockenv import python_facts


def test_the_facts_are_the_same_from_within_and_from_outside() -> None:
    command = [sys.executable, "-I", python_facts.__file__]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = python_facts.python_facts()
    assert json.loads(done.stdout) == found
    assert found["tag"].startswith(f"CPython-{found['version']}-cpython-311-")
