"""Tests of `Supervisor`, which runs several programs at the same time.

It feeds each program its input, reads the output to its end, limits time and output, and leaves no program running.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from pids import ends, shell

from envparity.processes import Ended, NotEnded, NotStarted, Stopped, Supervisor, Task, TimeUp, TooMuch


def task(command: str | Sequence[str], feed: bytes = b"", timeout: float = 20, most: int | None = 1 << 20) -> Task:
    return Task(shell(command) if isinstance(command, str) else command, Path(), timeout, feed, most)


def run(one: Task, *, attended: bool = False) -> Ended:
    return Supervisor(attended=attended).run(one)


def run_all(*commands: str | Sequence[str], feed: bytes = b"", most: int = 1 << 20) -> list[Ended | NotEnded]:
    tasks = [task(command, feed, most=most) for command in commands]
    return Supervisor(at_once=2).run_all(tasks, lambda _, ended: ended)


def test_each_program_gets_all_input_and_all_its_output_is_read() -> None:
    feed = bytes(range(256)) * 4096
    echo = [sys.executable, "-c", "import shutil, sys; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)"]
    assert run_all(echo, echo, echo, feed=feed, most=2 << 20) == [Ended(0, feed, b"")] * 3


def test_status_and_standard_error_are_kept() -> None:
    assert run(task("echo out; echo no >&2; exit 7")) == Ended(7, b"out\n", b"no\n")


def test_a_program_that_a_signal_ends_has_a_negative_status() -> None:
    assert run(task("kill -9 $$")).status == -signal.SIGKILL


def test_a_program_may_ignore_its_input() -> None:
    assert run(task("exec 0<&-; echo done", b"x" * (1 << 20))) == Ended(0, b"done\n", b"")


def test_of_endless_standard_error_the_last_part_is_kept() -> None:
    found = run(task("yes many | head -c 5000000 >&2; echo last >&2"))
    assert found.complaints.endswith(b"many\nlast\n")
    assert len(found.complaints) == 1 << 20


def test_a_program_that_cannot_be_started_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = run_all(["/nonexistent"], [str(tmp_path / "file")], "echo on", ["a\0b"])
    assert found[2] == Ended(0, b"on\n", b"")
    failures = [str(one) for one in found if isinstance(one, NotStarted)]
    assert failures == ["No such file or directory", "Permission denied", "embedded null byte"]


def test_endless_output_is_an_error() -> None:
    with pytest.raises(TooMuch):
        run(task(["yes"]))


def test_without_a_limit_the_last_output_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("envparity.processes._OUTPUT", 1 << 10)
    found = run(task("yes many | head -c 1000000; echo last", most=None))
    assert found.output.endswith(b"many\nlast\n")
    assert len(found.output) == 1 << 10


@pytest.mark.parametrize(
    "text",
    ["exec sleep 40", "sleep 40", "trap '' TERM; while :; do sleep 1; done", "exec >&-; exec sleep 40"],
)
def test_a_program_that_takes_too_long_is_an_error(text: str) -> None:
    start = time.monotonic()
    with pytest.raises(TimeUp):
        run(task(text, timeout=0.3))
    assert time.monotonic() - start < 30


@pytest.mark.parametrize("attended", [True, False])
def test_a_process_that_a_program_leaves_is_not_waited_for(attended: bool) -> None:
    # `sleep` acts like an ssh that keeps its connection open for the next run, and holds standard error open.
    start = time.monotonic()
    assert run(task("echo out; sleep 40 >&- <&- &"), attended=attended) == Ended(0, b"out\n", b"")
    assert time.monotonic() - start < 30


def test_a_process_in_another_group_that_holds_the_output_is_not_waited_for() -> None:
    start = time.monotonic()
    assert run(task("echo out; setsid sleep 40 &")).output == b"out\n"
    assert time.monotonic() - start < 30


def test_a_process_that_an_attended_program_leaves_goes_on(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    run(task(f"sleep 40 >&- 2>&- <&- & echo $! > {note}"), attended=True)
    os.kill(int(note.read_text()), signal.SIGKILL)  # raises ProcessLookupError if the process has ended


def test_an_error_ends_the_running_programs(tmp_path: Path) -> None:
    note = tmp_path / "pid"

    def read(number: int, _: Ended | NotEnded) -> None:
        assert number == 1
        while not note.exists() or not note.read_text():
            time.sleep(0.01)
        raise ZeroDivisionError

    supervisor = Supervisor(at_once=2)
    with pytest.raises(ZeroDivisionError):
        supervisor.run_all([task(f"echo $$ > {note}; exec sleep 40"), task("exit 1")], read)
    assert ends(int(note.read_text()))
    with pytest.raises(Stopped):
        supervisor.run(task("exit 0"))


@pytest.mark.parametrize("attended", [True, False])
def test_processes_that_a_program_started_end_with_it(tmp_path: Path, attended: bool) -> None:
    # With `attended`, a program may stay in the process group of the terminal, to ask for a password. The program below
    # has no terminal, so each program that it starts has its own process group.
    note = tmp_path / "pid"
    code = f"""
from pathlib import Path
from envparity.processes import Supervisor, Task, TimeUp
try:
    Supervisor(attended={attended}).run(Task(["sh", "-c", "sleep 40 & echo $! > {note}; wait"], Path(), 1.0))
except TimeUp:
    print("time is up")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, start_new_session=True, check=True
    )
    assert done.stdout == "time is up\n"
    assert ends(int(note.read_text()))


def test_only_a_few_programs_run_at_once(tmp_path: Path) -> None:
    found = run_all(*[f"touch {tmp_path}/$$; ls {tmp_path} | wc -l; sleep 0.1; rm {tmp_path}/$$"] * 6)
    outputs = [int(one.output) for one in found if isinstance(one, Ended)]
    assert max(outputs) <= 2
    assert len(outputs) == 6
