"""Tests of how a script of `scripts/` starts: it makes its environment once, then runs its command in the environment.

A bare command is a command that needs no environment, only a Python.
"""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from dev.dispatch import COMMANDS, Entry, Needs

ROOT = Path(__file__).parents[2]
# This program starts the command whose name it gets. It makes no environment and does not start itself again: it prints
# a line instead. If the variable FAILS is set, making an environment raises CommandError.
_START = """
import json, os, sys
from pathlib import Path
sys.path.insert(0, sys.argv.pop(1))
from dev import dispatch
from dev.command.errors import CommandError
from dev.lockenv.environments import EnvironmentMaker

def make(name):
    def made(self, *words):
        if "FAILS" in os.environ:
            raise CommandError("expected A, found B")
        print(json.dumps(["made", name, *words]), flush=True)
        return Path("/environment/bin/python")
    return made

def start(program, words):
    print(json.dumps(["starts", str(program), *words]), flush=True)
    sys.exit(0)

EnvironmentMaker.tools, EnvironmentMaker.test, EnvironmentMaker.track = make("tools"), make("test"), make("track")
os.execv = start
dispatch.COMMANDS = {
    "sample": dispatch.Entry("sample"),
    "tested": dispatch.Entry("sample", dispatch.Needs.TEST),
    "bare": dispatch.Entry("sample", dispatch.Needs.BARE),
    "judging": dispatch.Entry("sample", cannot=2),
}
dispatch.dispatch(sys.argv[1:])
"""
_SAMPLE = "def main(arguments):\n    print(list(arguments))\n    return 7\n"


def start(folder: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    (folder / "sample.py").write_text(_SAMPLE)
    command = [sys.executable, "-c", _START, str(ROOT), *words]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(("name", "made"), [("sample", ["tools"]), ("tested", ["test", "v0.4"])])
def test_the_environment_is_made_once_and_the_command_starts_in_it(tmp_path: Path, name: str, made: list[str]) -> None:
    done = start(tmp_path, name, "--all", "x")
    assert (done.returncode, done.stderr) == (0, "")
    first, second = map(json.loads, done.stdout.splitlines())
    assert first == ["made", *made]
    python = "/environment/bin/python"
    assert second == ["starts", python, python, "-I", str(ROOT / "dev" / "__main__.py"), "--made", name, "--all", "x"]
    again = start(tmp_path, *second[5:])
    assert (again.returncode, again.stdout, again.stderr) == (7, "['--all', 'x']\n", "")


def test_a_command_without_an_environment_starts_at_once(tmp_path: Path) -> None:
    done = start(tmp_path, "bare", "x")
    assert (done.returncode, done.stdout, done.stderr) == (7, "['x']\n", "")


@pytest.mark.parametrize(("name", "status"), [("sample", 3), ("judging", 2)])
def test_an_environment_that_cannot_be_made_is_one_line(tmp_path: Path, name: str, status: int) -> None:
    done = start(tmp_path, name, FAILS="yes")
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr == f"scripts/{name}: expected A, found B\n"


def test_a_script_starts_from_any_folder_and_imports_no_module_of_the_caller(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('the json of the caller was imported')")
    (tmp_path / "prepare").symlink_to(ROOT / "scripts" / "prepare")
    environ = {"PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONPATH": str(tmp_path)}
    command = ["./prepare", "--help"]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: scripts/prepare ")


@pytest.mark.parametrize(("name", "entry"), COMMANDS.items(), ids=COMMANDS)
def test_every_command_is_a_module_with_a_main(name: str, entry: Entry) -> None:
    assert (ROOT / "scripts" / name).is_file()
    assert callable(import_module(entry.module).main)


@pytest.mark.parametrize("name", [name for name, entry in COMMANDS.items() if entry.needs is Needs.BARE])
def test_a_bare_python_can_import_each_bare_command(name: str) -> None:
    asked = "import sys; sys.path.insert(0, sys.argv[1]); import importlib; importlib.import_module(sys.argv[2])"
    command = [str(ROOT / "dev" / "command" / "python"), "-I", "-S", "-c", asked, str(ROOT), COMMANDS[name].module]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
