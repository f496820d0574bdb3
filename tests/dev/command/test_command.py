"""Tests of `Command`, the base of every script: `--help`, exit statuses, and the caller's folder and variables."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from dev.command.command import Command, main_of

ROOT = Path(__file__).parents[3]
# The program for these tests. It prints its options. The environment variables SLEEP, RAISES and STATUS make it wait,
# fail, or return another exit status.
_COMMAND = """
import os, sys, tempfile, time
from pathlib import Path
from dev.command.command import Command, path, positive, run_child, run_until_stopped
from dev.command.errors import CommandError, FailedError, UsageError

class OtherError(Exception): pass

def run(options):
    if "SLEEP" in os.environ:
        with tempfile.TemporaryDirectory() as name:
            Path(name, "began").touch()
            if os.environ["SLEEP"] == "child":
                run_child([sys.executable, "-c", os.environ["CHILD"]])
            time.sleep(30)
    if "RAISES" in os.environ:
        raise eval(os.environ["RAISES"])
    print(options.file, os.getcwd(), *(os.environ.get(name) for name in ("LIBP2P_SOURCE", "PYTHONPATH")), sep="|")
    return int(os.environ.get("STATUS", 0))

def add(parser):
    parser.add_argument("--file", type=path)
    parser.add_argument("--count", type=positive)

command = Command("sample", "Does it.", {0: "done"}, run, add, errors=(OtherError,))
run_until_stopped(lambda: command.main(sys.argv[1:]))
"""
# A child process that needs half a second to clean up after SIGINT, and then creates the file `ended`.
_CHILD = """
import time
from pathlib import Path
try:
    Path({folder!r}, "began").touch()
    time.sleep(30)
except KeyboardInterrupt:
    time.sleep(0.5)
    Path({folder!r}, "ended").touch()
"""


def environ(more: Mapping[str, str]) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **more}


def sample(*arguments: str, cwd: Path = ROOT, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", _COMMAND, *arguments]
    return subprocess.run(command, cwd=cwd, env=environ(more), capture_output=True, text=True, check=False, timeout=60)


def shell(command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    variables = environ({"COMMAND": _COMMAND})
    return subprocess.run(["bash", "-c", command], cwd=cwd, env=variables, capture_output=True, text=True, check=False)


def test_help_names_every_exit_status() -> None:
    command = Command("sample", "Does it.", {0: "done", 1: "it was not", 3: "no engine"}, lambda _: 0, more="See docs.")
    assert command.explain_statuses() == (
        "Exit status: 0 done; 1 it was not; 2 the command line is wrong; 3 no engine; "
        "129, 130, 143 stopped by SIGHUP, SIGINT, SIGTERM."
    )
    shown = " ".join(command.parser().format_help().split())
    assert shown.startswith("usage: scripts/sample [-h] Does it.")
    assert shown.endswith(f"See docs. {command.explain_statuses()}")


@pytest.mark.parametrize("status", [0, 1, 7])
def test_the_exit_status_is_that_of_the_run(status: int) -> None:
    assert sample(STATUS=str(status)).returncode == status


@pytest.mark.parametrize(
    ("raises", "status", "says"),
    [
        ("CommandError('expected A, found B')", 3, "expected A, found B"),
        ("UsageError('expected A, found B')", 2, "expected A, found B"),
        ("FailedError('expected A, found B')", 1, "expected A, found B"),
        ("OtherError('of another package')", 3, "of another package"),
        (
            "FileNotFoundError(2, 'No such file or directory', '/nowhere')",
            3,
            "expected no error from the system, found: [Errno 2] No such file or directory: '/nowhere'",
        ),
    ],
)
def test_an_error_is_one_line_and_its_class_decides_the_status(raises: str, status: int, says: str) -> None:
    done = sample(RAISES=raises)
    assert (done.returncode, done.stdout, done.stderr) == (status, "", f"scripts/sample: {says}\n")


def test_a_defect_is_not_hidden() -> None:
    done = sample(RAISES="ValueError('of the program')")
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["surprise"], "unrecognized arguments: surprise"),
        (["--fil", "x"], "unrecognized arguments: --fil x"),
        (["--count", "0"], "argument --count: expected a whole number from 1 to 999999, found '0'"),
        (["--count", "٣"], "argument --count: expected a whole number from 1 to 999999, found '٣'"),
    ],
)
def test_a_wrong_command_line_exits_with_2(arguments: list[str], says: str) -> None:
    done = sample(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == f"scripts/sample: error: {says}"


def test_paths_start_at_the_callers_folder_and_no_module_of_this_folder_is_imported(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    done = sample("--file", "one", cwd=tmp_path / "here", LIBP2P_SOURCE="../there")
    assert done.stdout == f"{tmp_path}/here/one|{ROOT}|{tmp_path}/here/../there|None\n"
    commit = "git+https://example.org/x@" + "0" * 40
    assert sample("--file", "/one", cwd=tmp_path, LIBP2P_SOURCE=commit).stdout == f"/one|{ROOT}|{commit}|None\n"
    assert sample(LIBP2P_SOURCE="~/x", HOME="/home/me").stdout == f"None|{ROOT}|/home/me/x|None\n"


def test_a_deleted_folder_of_the_caller_is_one_line(tmp_path: Path) -> None:
    command = f'mkdir gone; cd gone; rmdir ../gone; exec "{sys.executable}" -c "$COMMAND" --file x'
    done = shell(command, tmp_path)
    assert done.returncode == 2
    assert "expected the current folder to exist, found: No such file or directory" in done.stderr


@pytest.mark.parametrize(("into", "status", "says"), [("| head -c 0", 0, ""), ("> /dev/full", 3, "No space left")])
def test_a_result_that_cannot_be_written_is_at_most_one_line(into: str, status: int, says: str) -> None:
    command = f'set -o pipefail; "{sys.executable}" -c "$COMMAND" {into}'
    done = shell(command, ROOT)
    assert done.returncode == status
    assert says in done.stderr
    assert done.stderr.count("\n") == bool(says)


def stopped(folder: Path, number: signal.Signals, **more: str) -> int:
    """Start a command, send it the signal `number` twice after it has begun, and return its exit status.

    The command's temporary files are in `folder`, and `more` are further environment variables.
    """
    where = {"TMPDIR": str(folder), **more}
    with subprocess.Popen([sys.executable, "-c", _COMMAND], cwd=ROOT, env=environ(where)) as process:
        until = time.monotonic() + 60
        while not list(folder.glob("**/began")) and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(number)
        time.sleep(0.1)
        process.send_signal(number)
        return process.wait(60)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_command_after_it_has_cleaned_up(tmp_path: Path, number: signal.Signals) -> None:
    assert stopped(tmp_path, number, SLEEP="alone") == 128 + number
    assert list(tmp_path.iterdir()) == []


def test_a_signal_ends_the_child_of_the_command_first(tmp_path: Path) -> None:
    kept, temporary = tmp_path / "kept", tmp_path / "temporary"
    for folder in (kept, temporary):
        folder.mkdir()
    child = _CHILD.format(folder=str(kept))
    with subprocess.Popen(
        [sys.executable, "-c", _COMMAND],
        cwd=ROOT,
        env=environ({"TMPDIR": str(temporary), "SLEEP": "child", "CHILD": child}),
    ) as process:
        until = time.monotonic() + 60
        while not (kept / "began").exists() and time.monotonic() < until:
            time.sleep(0.02)
        process.terminate()
        assert process.wait(60) == 143
    assert (kept / "ended").exists()
    assert list(temporary.iterdir()) == []


def group(*arguments: str, default: str | None = None) -> int:
    commands = {
        "one": Command("sample one", "Does one. Well.", {0: "done"}, lambda _: 11),
        "two": Command("sample two", "Does two.", {0: "done"}, lambda options: len(options.rest), passes_on=True),
    }
    return main_of("sample", "Does what is chosen.", commands, arguments, default)


def test_a_group_runs_the_command_that_the_first_word_chooses(capsys: pytest.CaptureFixture[str]) -> None:
    assert group("one") == group(default="one") == 11
    with pytest.raises(SystemExit) as caught:
        group("three")
    assert caught.value.code == 2
    assert capsys.readouterr().err.endswith("scripts/sample: error: expected one of one, two, found three\n")
    with pytest.raises(SystemExit) as caught:
        group()
    assert caught.value.code == 0
    shown = capsys.readouterr().out
    assert "Does one\n" in shown
    assert "Does two\n" in shown


def test_all_words_from_the_first_unknown_word_on_are_for_another_program() -> None:
    assert group("two") == 0
    assert group("two", "-k", "word", "--help", "--", "x") == 5
