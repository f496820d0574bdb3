"""Tests of the command line `envparity`: the standard output, the standard error and the exit status of commands.

A door is a command that starts the Python of an environment. A finding is an error or a note about an environment.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from environment_builder import Environment
from index import Index
from judging import LOCK
from progress_lines import quiet

from envparity.cli.main import main, with_command
from envparity.judge.registry import EVERY_RULE

ROOT = Path(__file__).parents[3]
COMMANDS = ("snapshot", "check", "compare", "why", "history", "bisect", "attest", "verify", "explain", "doors", "init")
PROJECT = """
[tool.envparity]
track = "one"
tracks = ["one"]
locks = "{track}.txt"
[tool.envparity.doors]
venv = "environment/bin/python"
slow = "./slow"
"""

ACCEPT = '[[tool.envparity.accept]]\ncode = "x"\npath = "x"\nreason = "x"\n'


@pytest.fixture
def project(sound: Environment) -> Path:
    """Return the folder of a project with an intact environment and two doors.

    The door `venv` is the environment's Python. The door `slow` writes its process id to slow.pid and hangs.
    """
    folder = sound.folder.parent
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "one.txt").write_text(LOCK)
    (folder / "slow").write_text("#!/bin/sh\necho $$ > slow.pid\nexec sleep 40\n")
    (folder / "slow").chmod(0o755)
    return folder


def command(*arguments: str) -> list[str]:
    # This code does what the command `envparity` does. The tests cannot use the command, because the project is not
    # installed. They cannot use PYTHONPATH either, because envparity reports PYTHONPATH as a finding.
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from envparity.__main__ import run; run()"
    return [sys.executable, "-c", code, *arguments]


def run(folder: Path, *arguments: str, **options: Any) -> "subprocess.CompletedProcess[str]":
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return quiet(subprocess.run(command(*arguments), cwd=folder, text=True, timeout=60, check=False, **options))


def here(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command in this process, which is faster than `run`, and return its status and output as `run` does."""
    before = Path.cwd()
    said, complained = TextIOWrapper(BytesIO(), "utf-8"), StringIO()
    os.chdir(folder)
    try:
        with redirect_stdout(said), redirect_stderr(complained):
            status = main(arguments)
    finally:
        os.chdir(before)
    said.seek(0)
    return subprocess.CompletedProcess(arguments, status, said.read(), complained.getvalue())


def one_line(done: "subprocess.CompletedProcess[str]", said: str) -> None:
    """Check that the command ended with status 2 and printed only one line, with `said` in it, on standard error."""
    assert (done.returncode, done.stdout or "") == (2, "")
    assert done.stderr.startswith("envparity: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr
    assert done.stderr[:-1].isprintable()


# Tests of the exit status.


def test_status_1_if_the_lock_pins_another_version(project: Path) -> None:
    (project / "within").mkdir()
    (project / "within" / "other.txt").write_text("alpha==1.0\nbeta==2.1\n")
    done = run(project / "within", "check", "--lock", "other.txt")
    assert (done.returncode, done.stderr) == (1, "")
    assert "expected beta 2.1 (other.txt), found" in done.stdout
    done = run(project / "within", "compare", "venv", "a=../environment", "--lock", "../one.txt")
    assert (done.returncode, done.stderr) == (0, "")


def test_status_2_for_lock_together_with_no_lock(project: Path) -> None:
    done = run(project, "check", "--lock", "one.txt", "--no-lock")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--no-lock: not allowed with argument --lock" in done.stderr


def test_status_0_without_errors(project: Path) -> None:
    done = run(project, "check")
    assert (done.returncode, done.stderr) == (0, "")
    assert "pass: 0 errors" in done.stdout


def test_status_1_with_errors(project: Path, sound: Environment) -> None:
    (sound.site / "alpha/core.py").write_text("")
    done = run(project, "check", "venv")
    assert done.returncode == 1
    assert "file-altered" in done.stdout
    done = run(project, "check", "--format", "json")
    assert done.returncode == 1
    assert [one["code"] for one in json.loads(done.stdout)["findings"] if one["severity"] != "note"] == ["file-altered"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "nowhere"], "door: expected a door of pyproject.toml (venv, slow), a saved snapshot"),
        (["check", "x='"], "door x: expected a command, found"),
        (["check", "--track", "two"], "--track: expected one of one, found 'two'"),
        (["check", "x=no-such-program"], "door x: expected the program no-such-program, found none on this machine"),
        (["check", "x=false"], "door x: false -I -S - ended with exit status 1"),
        (["check", "x=true"], "door x: true -I -S - printed no snapshot"),
        (["check", "slow", "--timeout", "0.2"], "door slow: expected a snapshot in 0.2 s"),
        (["compare", "venv", "slow", "--timeout", "0.9"], "door slow: expected a snapshot in 0.9 s"),
        (["compare", "venv", "venv"], "doors: expected a different name for each door, found venv twice"),
        (["check", "pyproject.toml"], "pyproject.toml: expected an environment or a saved snapshot, found a"),
        (["snapshot", "pyproject.toml"], "pyproject.toml: expected an environment or a saved snapshot, found a"),
        (["snapshot", "-o", "gone/x.json"], "--output: expected to write gone/x.json, found: No such file"),
        (["explain", "W001"], "explain: expected a code that `envparity explain` lists, found 'W001'"),
        (["doors", "--track", "two"], "--track: expected one of one, found 'two'"),
        (["history"], "requirement: expected one such as 'libp2p==0.4.0', or --track TRACK, found none"),
        (["history", "a b"], "requirement: expected one such as 'libp2p==0.4.0', found 'a b'"),
        (["history", "a", "--since", "soon"], "--since: expected a date or an instant such as 2025-10-27"),
        (["history", "a", "--python", "2.7"], "--python: expected a series of Python such as 3.11, found '2.7'"),
        (["history", "a", "--report", "x.pdf"], "--report: expected a file ending in .html, .json, .md, .svg, .txt"),
        (["bisect", "a", "--good", "2025-01-02", "--bad", "2025-01-01", "--", "true"], "--good: expected a time "),
        (["bisect", "a", "--good", "2025-01-01", "--bad", "2025-01-02"], "bisect: expected -- COMMAND at the end"),
        # This door would not open, but the error is about the report: envparity first checks the options.
        (["check", "x=false", "--report", "x.pdf"], "--report: expected a file ending in .gitlab.json, .html, "),
    ],
)  # fmt: skip
def test_status_2_and_one_line_if_a_command_cannot_be_done(arguments: list[str], said: str, project: Path) -> None:
    one_line(here(project, *arguments), said)


def test_the_usage_of_bisect_shows_where_the_command_goes(tmp_path: Path) -> None:
    done = here(tmp_path, "bisect", "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(
        "usage: envparity bisect [-h] [OPTION ...] --good D --bad D [REQUIREMENT ...] -- COMMAND ...\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        *(["nonsense"], ["check", "--timeout", "-1"], ["check", "--timeout", "nan"], ["check", "--format", "x"]),
        *(["bisect", "a"], ["history", "a", "--format", "sarif"]),
        ["bisect", "a", "--good", "2025-01-01", "--bad", "2025-01-02", "--again", "-1", "--", "true"],
    ],
)
def test_status_2_for_a_wrong_command_line(arguments: list[str], tmp_path: Path) -> None:
    done = here(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: envparity" in done.stderr
    assert "Traceback" not in done.stderr


def test_status_2_for_a_wrong_project(project: Path) -> None:
    (project / "pyproject.toml").write_text(PROJECT + ACCEPT)
    for name in ("snapshot", "check", "compare", "doors"):
        one_line(here(project, name), "accept 1: code: expected a code that `envparity explain` lists, found 'x'")
    (project / "pyproject.toml").write_text("[tool.envparity\n")
    one_line(here(project, "check"), "pyproject.toml: expected a TOML file, found: ")
    (project / "pyproject.toml").write_text(PROJECT)
    (project / "one.txt").unlink()
    one_line(here(project, "check"), "lines of NAME==VERSION), found: No such file")


def test_status_2_without_a_project_and_a_door(tmp_path: Path) -> None:
    one_line(
        here(tmp_path, "check"),
        "environment: expected an active environment, or .venv, venv, env in ",
    )
    one_line(
        here(tmp_path, "compare"),
        "expected this machine to open at least two, found no [tool.envparity.doors] in a pypr",
    )


@pytest.mark.parametrize(
    ("arguments", "read"),
    [
        ([], ["check"]),
        (["--format", "json"], ["check", "--format", "json"]),
        (["--project", "x"], ["--project", "x", "check"]),
        (["--project=x", "--no-lock"], ["--project=x", "check", "--no-lock"]),
        (["--project", "x", "doors"], ["--project", "x", "doors"]),
        (["--help"], ["--help"]),
        (["explain"], ["explain"]),
    ],
)
def test_without_a_command_envparity_checks(arguments: list[str], read: list[str]) -> None:
    assert with_command(arguments) == read


def test_without_settings_the_nearest_environment_and_lock_are_checked(
    sound: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "UV_PROJECT_ENVIRONMENT"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "shop" / "src").mkdir(parents=True)
    (tmp_path / "shop" / ".venv").symlink_to(sound.folder)
    (tmp_path / "shop" / "requirements.txt").write_text(LOCK)
    done = here(tmp_path / "shop" / "src")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(
        "checking ../.venv (the nearest environment), compared with ../requirements.txt (the nearest lock)\n"
    )
    (tmp_path / "shop" / "requirements.txt").write_text(LOCK + "gamma==1.0\n")
    assert here(tmp_path / "shop" / "src").returncode == 1
    done = here(tmp_path / "shop" / "src", "--no-lock")
    assert done.returncode == 0
    assert "compared with no lock, because of --no-lock\n" in done.stdout


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("arguments", [["snapshot", "slow"], ["compare", "slow", "again=./slow", "venv"]])
def test_status_130_or_143_if_a_signal_stops_the_command(
    arguments: list[str], number: signal.Signals, status: int, project: Path
) -> None:
    note = project / "slow.pid"
    process = subprocess.Popen(
        command(*arguments), cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        until(lambda: note.exists() and note.read_text().strip() != "")
        process.send_signal(number)
        said, complained = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, said, complained) == (status, "", "")
    until(lambda: not Path(f"/proc/{note.read_text().strip()}").exists())


def until(holds: Any) -> None:
    for _ in range(400):
        if holds():
            return
        time.sleep(0.025)
    raise AssertionError("did not happen within 10 s")


# Tests of the commands `history` and `bisect`.


@pytest.mark.usefixtures("past")
def test_a_history_and_its_files(tmp_path: Path) -> None:
    names = ["a.html", "a.svg", "a.json", "a.md", "a.txt"]
    wanted = ["history", "app==1.0", "--until", "2025-06-01", "--cache", "kept"]
    done = run(tmp_path, *wanted, *(word for name in names for word in ("--report", name)))
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"2025-03-01 14:22 +addr 0\.3 +was 0\.2", done.stdout)
    assert "import hashing: 2 providers, hash-one 0.8 and hash-two 2.0" in done.stdout
    assert "5 events from " in done.stdout
    again = run(tmp_path, *wanted)
    assert (tmp_path / "a.txt").read_text() == done.stdout
    assert again.stdout.splitlines()[:-1] == done.stdout.splitlines()[:-1]
    assert "(0 new" in again.stdout.splitlines()[-1]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*names, "kept"])
    assert len(json.loads((tmp_path / "a.json").read_text())["events"]) == 5


@pytest.mark.usefixtures("past")
def test_a_history_of_some_distributions(tmp_path: Path) -> None:
    done = run(
        tmp_path, "history", "app==1.0", "--until", "2025-06-01", "--cache", "kept", "--watch", "Hash_Two", "gone"
    )
    assert done.returncode == 0
    assert "addr 0.2 " not in done.stdout
    assert "and 1 other event, which changes no watched distribution" in done.stdout
    assert "watched, but never installed: gone" in done.stdout


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_history_keeps_its_answers(past: Index, tmp_path: Path, number: signal.Signals, status: int) -> None:
    wanted = ["history", "app==1.0", "--until", "2025-06-01", "--cache", "kept"]
    process = subprocess.Popen(
        command(*wanted), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        until(lambda: list(tmp_path.glob("kept/resolutions/*/*.json")))
        process.send_signal(number)
        said, complained = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, said, complained) == (status, "", "")
    kept = len(list(tmp_path.glob("kept/resolutions/*/*.json")))
    done = run(tmp_path, *wanted)
    assert done.returncode == 0
    found = re.search(r"5 events from (\d+) resolutions \((\d+) new", done.stdout)
    assert found is not None
    assert int(found[2]) <= int(found[1]) - kept
    assert past.asked


@pytest.mark.slow
@pytest.mark.usefixtures("past")
def test_a_bisection_and_its_statuses(tmp_path: Path) -> None:
    between = ["--good", "2025-01-15", "--bad", "2025-04-15", "--installer", "uv", "--again", "0", "--cache", "kept"]
    lacks = "import importlib.metadata as m; assert not any(one.name == 'hash-two' for one in m.distributions())"
    done = run(tmp_path, "bisect", "app==1.0", *between, "--", "python", "-c", lacks)
    assert (done.returncode, done.stderr) == (0, "")
    assert "addr 0.3, 2025-03-01 14:22 UTC, broke the command" in done.stdout
    judge = "import importlib.metadata as m, sys; v = m.version('addr'); sys.exit({'0.1': 0, '0.2': 125}.get(v, 1))"
    done = run(tmp_path, "bisect", "app==1.0", *between, "--format", "json", "--", "python", "-c", judge)
    assert done.returncode == 1
    assert [one["releases"] for one in json.loads(done.stdout)["events"]] == [["addr 0.2"], ["addr 0.3"]]


@pytest.mark.parametrize(
    "arguments", [["history", "app"], ["bisect", "app", "--good", "2025-01-15", "--bad", "2025-04-15", "--", "true"]]
)
def test_status_2_without_a_network_and_a_cache(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("UV_DEFAULT_INDEX", "PIP_INDEX_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    one_line(
        run(tmp_path, arguments[0], "--cache", "kept", *arguments[1:]), "index: expected uv to reach the package index"
    )


# Tests of standard output, and of files that have the same text.


@pytest.mark.parametrize(
    "arguments", [["snapshot"], ["check"], ["explain"], ["doors"], ["--help"], ["check", "--help"]]
)
def test_a_reader_that_stops_early_is_no_error(arguments: list[str], project: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as gone:
        done = run(project, *arguments, stdout=gone)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_that_stops_early_does_not_change_the_status(project: Path, sound: Environment) -> None:
    (sound.site / "alpha/core.py").unlink()
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as gone:
        done = run(project, "check", stdout=gone)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system; run on Linux")
@pytest.mark.parametrize("arguments", [["snapshot"], ["check"], ["explain"], ["doors"], ["--help"]])
def test_status_2_if_standard_output_is_full(arguments: list[str], project: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        one_line(run(project, *arguments, stdout=full), "expected to write the result, found: No space left on device")


def test_a_snapshot_is_the_same_on_standard_output_and_in_a_file(project: Path, sound: Environment) -> None:
    printed = run(project, "snapshot", "--no-behaviour").stdout
    assert printed.encode() == sound.snapshot_bytes()
    assert run(project, "snapshot", "-o", "saved.json").stdout == ""
    assert (project / "saved.json").read_text() == printed
    assert run(project, "snapshot", "saved.json").stdout == printed
    assert run(project, "compare", "venv", "saved.json").returncode == 0
    assert sorted(path.name for path in project.iterdir()) == [
        "environment", "one.txt", "pyproject.toml", "saved.json", "slow"
    ]  # fmt: skip


def test_reports_are_written_in_addition_to_standard_output(project: Path) -> None:
    done = run(project, "check", "--report", "a.json", "--report", "b.txt")
    assert done.returncode == 0
    assert json.loads((project / "a.json").read_text())["schema"] == "envparity-report-1"
    assert (project / "b.txt").read_text() == done.stdout
    one_line(run(project, "check", "--report", "c.pdf"), "--report: expected a file ending in")


# Tests of `--help`, and of the commands that only list or explain.


def test_help_names_every_command_and_status(tmp_path: Path) -> None:
    done = here(tmp_path, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    for name in COMMANDS:
        assert re.search(rf"^ +{name} +\S", done.stdout, re.MULTILINE)
    assert "Exit status: 0 no errors were found; 1 errors were found, or bisect" in " ".join(done.stdout.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_a_help(name: str, tmp_path: Path) -> None:
    done = here(tmp_path, name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"usage: envparity {name}" in done.stdout
    assert "Exit status: 0" in done.stdout


def test_doors_and_explain(project: Path) -> None:
    shown = ("venv  program found    environment/bin/python", "slow  program found    ./slow")
    assert here(project, "doors").stdout.splitlines() == list(shown)
    assert here(project, "explain", "file-altered").stdout.startswith("file-altered: ")
    assert len(here(project, "explain").stdout.splitlines()) == len(EVERY_RULE)


# Test of the modules that are loaded at the start.


def test_a_snapshot_loads_no_module_that_judges() -> None:
    code = "import sys, envparity.__main__, envparity.cli.main; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    loaded = set(done.stdout.split())
    assert "envparity.snapshot.doors" in loaded
    assert not loaded & {
        "rich",
        "packaging",
        "msgspec",
        "asyncio",
        "envparity.judge.registry",
        "envparity.snapshot.types",
    }


@pytest.mark.parametrize(("form", "unused"), [("terminal", {"jinja2"}), ("json", {"jinja2", "rich"})])
def test_a_check_loads_only_the_libraries_of_its_format(form: str, unused: set[str], project: Path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from envparity.cli.main import main; "
        f"main(['check', 'venv', '--format', {form!r}]); print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=project, check=True)
    loaded = set(done.stderr.split())
    assert "envparity.judge.registry" in loaded
    assert not loaded & unused


def test_a_baseline_lets_old_errors_pass_and_a_new_one_fail(project: Path) -> None:
    (next(project.glob("environment/lib/*/site-packages")) / "beta.py").write_text("changed\n")
    first = here(project, "check", "venv", "--report", "old.json", "--format", "github")
    assert first.returncode == 1
    assert first.stdout.startswith("::error file=one.txt,line=2,title=envparity file-altered::beta 2.0: site/beta.py ")
    known = here(project, "check", "venv", "--baseline", "old.json")
    assert (known.returncode, known.stderr) == (0, "")
    assert "\nbaseline old.json: 1 known error\n" in known.stdout
    assert "\nknown file-altered: " in known.stdout
    assert known.stdout.endswith("1 known in venv\n")
    (next(project.glob("environment/lib/*/site-packages")) / "alpha" / "core.py").write_text("changed\n")
    both = here(project, "compare", "venv", "--baseline", "old.json", "--format", "junit")
    assert both.returncode == 1
    assert both.stdout.count("<failure") == 1
    one_line(here(project, "check", "again=environment", "--baseline", "old.json"), "expected a report about again")
    one_line(here(project, "check", "venv", "--baseline", "pyproject.toml"), "expected a report in JSON")
