"""Tests of `pytest --envparity`, which checks the environment before it runs the tests.

Each test starts a real pytest in an intact environment, or in a torn environment, in which one distribution has
overwritten a file of another.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from environment_builder import Environment

from envparity.pytest_plugin import TORN

ROOT = Path(__file__).parents[2]
LIBRARIES = next(path for path in sys.path if path.endswith("site-packages"))
SUITE = 'def test_ran() -> None:\n    open("ran", "w").close()\n'
LOCK = "alpha==1.0\n"


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """Return the folder of a project with one test. If the test runs, it writes the file `ran` there."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "test_it.py").write_text(SUITE)
    (folder / "pytest.ini").write_text("[pytest]\n")
    return folder


def run(environment: Environment, suite: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run pytest with the plugin in an environment, on the project `suite`, and return the ended process.

    pytest and envparity come from outside the environment, through PYTHONPATH, so the plugin does not judge them.
    """
    environ = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{LIBRARIES}", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [str(environment.python), "-m", "pytest", "-q", "-p", "envparity.pytest_plugin", *arguments]
    return subprocess.run(command, cwd=suite, env=environ, capture_output=True, text=True, check=False, timeout=60)


def tear(environment: Environment) -> None:
    """Install two distributions with the same module, so that the second overwrites the module of the first."""
    environment.add("hash-one", "0.8", {"hashing/__init__.py": "Func = 1\n"})
    environment.add("hash-two", "3.0", {"hashing/__init__.py": "encode = 2\n"})


def test_a_sound_environment_runs_the_suite(sound: Environment, suite: Path) -> None:
    done = run(sound, suite, "--envparity")
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 passed" in done.stdout
    assert (suite / "ran").exists()


def test_the_header_has_the_counts_and_the_lock(sound: Environment, suite: Path) -> None:
    (suite / "lock.txt").write_text("alpha==1.0\nbeta==2.0\n")
    # One of the two notes is about PYTHONPATH, through which `run` adds pytest; the other is about the missing lock.
    assert "\nenvparity: 2 notes, compared with no lock\n" in run(sound, suite, "-v", "--envparity").stdout
    assert (
        "\nenvparity: 1 note, compared with lock.txt\n" in run(sound, suite, "-v", "--envparity-lock=lock.txt").stdout
    )
    assert "envparity:" not in run(sound, suite, "-v").stdout
    accept = '[[tool.envparity.accept]]\ncode = "path-contested"\npath = "*"\nreason = "known"\n'
    (suite / "pyproject.toml").write_text(f"[tool.envparity]\n{accept}")
    tear(sound)
    header = next(line for line in run(sound, suite, "-v", "--envparity").stdout.splitlines() if "envparity:" in line)
    assert header == "envparity: 3 notes, 1 accepted, compared with no lock"


def test_a_torn_environment_is_refused_before_tests_are_collected(sound: Environment, suite: Path) -> None:
    tear(sound)
    (suite / "conftest.py").write_text("")
    done = run(sound, suite, "--envparity")
    assert (done.returncode, done.stdout) == (TORN, "")
    lines = done.stderr.splitlines()
    assert lines[0].startswith(f"Exit: envparity: expected no errors in the environment {sound.folder}, found ")
    assert any("hash-one" in line and "hash-two" in line and "hashing/__init__.py" in line for line in lines)
    assert lines[-1].startswith(f"`envparity check {sound.folder}` shows the whole report, ")
    assert not (suite / "ran").exists()


def test_without_the_option_the_plugin_loads_nothing(sound: Environment, suite: Path) -> None:
    tear(sound)
    heavy = ("envparity.judge.session", "envparity.probe", "msgspec", "rich", "jinja2", "packaging.requirements")
    (suite / "test_it.py").write_text(
        f"import sys\ndef test_it() -> None:\n    assert [one for one in {heavy!r} if one in sys.modules] == []\n"
    )
    done = run(sound, suite)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_environment_is_compared_with_a_lock(sound: Environment, suite: Path) -> None:
    (suite / "lock.txt").write_text("alpha==1.0\nbeta==2.0\n")
    assert run(sound, suite, "--envparity-lock", "lock.txt").returncode == 0
    (suite / "lock.txt").write_text("alpha==1.1\nbeta==2.0\n")
    done = run(sound, suite, "--envparity-lock", "lock.txt")
    assert done.returncode == TORN
    assert "alpha" in done.stderr
    assert "1.1" in done.stderr


def test_the_environment_is_compared_with_a_track(sound: Environment, suite: Path) -> None:
    (suite / "pyproject.toml").write_text(
        '[tool.envparity]\ntracks = ["one"]\nlocks = "{track}.txt"\n'
        '[[tool.envparity.behaviour]]\nname = "the answer"\nexpect = "43"\n'
        'code = "import alpha; result = alpha.answer"\n'
    )
    (suite / "one.txt").write_text("alpha==1.0\nbeta==2.0\n")
    assert run(sound, suite, "--envparity").returncode == 0
    done = run(sound, suite, "--envparity-track", "one")
    assert done.returncode == TORN
    assert "expected no errors in the environment" in done.stderr
    assert "the answer" in done.stderr


def test_accepted_findings_do_not_stop_the_tests(sound: Environment, suite: Path) -> None:
    tear(sound)
    (suite / "pyproject.toml").write_text(
        "[tool.envparity]\n"
        + "".join(
            f'[[tool.envparity.accept]]\ncode = "{code}"\npath = "*"\nreason = "known"\n'
            for code in ("path-contested", "file-altered", "package-torn")
        )
    )
    done = run(sound, suite, "--envparity")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "config", "said"),
    [
        (
            ["--envparity-track", "nine"],
            "",
            "--envparity-track: expected no track, because no pyproject.toml here names tracks",
        ),
        (["--envparity-track", "nine"], "[tool.envparity]\n", "pyproject.toml has no tracks, found 'nine'"),
        (
            ["--envparity-lock", "nowhere.txt"],
            "",
            "nowhere.txt: expected a lock (",
        ),
        (["--envparity"], "[tool.envparity]\nsurprise = 1\n", "found surprise"),
    ],
)
def test_status_4_if_the_environment_cannot_be_checked(
    bare: Environment, suite: Path, arguments: list[str], config: str, said: str
) -> None:
    (suite / "pyproject.toml").write_text(config)
    done = run(bare, suite, *arguments)
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith("ERROR: --envparity: ")
    assert said in done.stderr
    assert not (suite / "ran").exists()


def test_many_errors_are_cut_to_twenty_lines(sound: Environment, suite: Path) -> None:
    for number in range(30):
        sound.add(f"part-{number}", requires=[f"missing-{number}"])
    done = run(sound, suite, "--envparity")
    assert done.returncode == TORN
    assert done.stderr.count("missing-") == 20
    assert "and 10 more" in done.stderr
