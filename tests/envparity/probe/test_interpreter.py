"""A test that the probe (the program that reads an environment) runs in every supported Python of this machine."""

import subprocess
from pathlib import Path

import pytest
from environment_builder import Environment
from probing import wrong
from pythons import other_pythons

from envparity.project.config import BehaviourCheck, Config
from envparity.snapshot.doors import Look


@pytest.mark.parametrize("minor", [8, 9, 10, 11, 12, 13, 14])
def test_other_versions_of_python_run_the_probe(minor: int, tmp_path: Path) -> None:
    """Run the probe with Python 3.`minor` on a distribution, its bytecode and a check that runs code."""
    for python in other_pythons():
        asked = [python, "-I", "-c", "import sys, venv; print(sys.version_info[1])"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        if done.stdout.strip() == str(minor):
            break
    else:
        pytest.skip(f"no Python 3.{minor} on this machine; install it, for example with pyenv")
    environment = Environment(tmp_path / "environment", python)
    environment.add("alpha", files={"alpha.py": 'def f(a):\n    return a in {"x", "y", "z", "w"}\n'})
    subprocess.run([environment.python, "-c", "import alpha"], check=True, env={})
    config = Config(root=tmp_path, behaviour=(BehaviourCheck("six", "import alpha; result = alpha.f('x')"),))
    snapshot = environment.probe(config=config, look=Look(bytecode=True))
    assert snapshot.interpreter.series == f"3.{minor}"
    assert snapshot.behaviour["six"].value == "True"
    assert wrong(snapshot) == set()
    assert [file.bytecode for file in snapshot.files.values() if file.bytecode] == ["timestamp:fresh"]
