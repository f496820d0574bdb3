"""Programs side by side: fed, read to their end, bounded, and none left behind."""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from envparity.processes import Ended, Processes


def shell(text: str) -> list[str]:
    return ["sh", "-c", text]


def run(*commands: Sequence[str], feed: bytes = b"", timeout: float = 20, most: int = 1 << 20) -> list[Ended]:
    with Processes(feed, Path(), timeout, most, at_once=2) as processes:
        return sorted(processes.run(commands), key=lambda ended: ended.number)


def ends(pid: int) -> bool:
    """Whether a process is gone within a moment."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_each_gets_all_and_all_is_read() -> None:
    feed = bytes(range(256)) * 4096
    echo = [sys.executable, "-c", "import shutil, sys; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)"]
    found = run(echo, echo, echo, feed=feed, most=2 << 20)
    assert [ended.output == feed for ended in found] == [True, True, True]
    assert {(ended.status, ended.failure) for ended in found} == {(0, None)}


def test_status_and_complaints_are_kept() -> None:
    (found,) = run(shell("echo out; echo no >&2; exit 7"))
    assert found == Ended(0, 7, b"out\n", b"no\n")


def test_a_signal_is_a_status() -> None:
    (found,) = run(shell("kill -9 $$"))
    assert found.status == -signal.SIGKILL


def test_one_that_does_not_read_is_no_trouble() -> None:
    (found,) = run(shell("exec 0<&-; echo done"), feed=b"x" * (1 << 20))
    assert (found.output, found.status) == (b"done\n", 0)


def test_of_endless_complaints_the_last_are_kept() -> None:
    (found,) = run(shell("yes many | head -c 5000000 >&2; echo last >&2"))
    assert found.complaints.endswith(b"many\nlast\n")
    assert len(found.complaints) == 1 << 16


def test_one_that_cannot_be_started_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = run(["/nonexistent"], [str(tmp_path / "file")], shell("echo on"), ["a\0b"])
    assert found[0].failure == "expected to run /nonexistent, found: No such file or directory"
    assert found[1].failure == f"expected to run {tmp_path}/file, found: Permission denied"
    assert found[2].output == b"on\n"
    assert found[3].failure == "expected to run a\0b, found: embedded null byte"


def test_endless_output_is_a_failure() -> None:
    (found,) = run(["yes"], most=1 << 20)
    assert found.failure == "expected a snapshot of at most 1048576 bytes, found more"
    assert found.output == b""


@pytest.mark.parametrize(
    "text",
    ["exec sleep 40", "sleep 40", "trap '' TERM; while :; do sleep 1; done", "exec >&-; exec sleep 40"],
)
def test_time_that_is_up_is_a_failure(text: str) -> None:
    start = time.monotonic()
    (found,) = run(shell(text), timeout=0.3)
    assert found.failure == "expected a snapshot in 0.3 s, found none; --timeout allows more"
    assert time.monotonic() - start < 10


def test_one_that_left_something_running_is_not_waited_for() -> None:
    # As an ssh that keeps its connection for the next one: it holds standard error.
    start = time.monotonic()
    (found,) = run(shell("echo out; sleep 5 >&- <&- &"))
    assert (found.output, found.status, found.failure) == (b"out\n", 0, None)
    assert time.monotonic() - start < 4


def test_leaving_ends_those_that_run(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with Processes(b"", Path(), 60, 100) as processes:
        for ended in processes.run([shell(f"echo $$ > {note}; exec sleep 40"), shell("exit 1")]):
            assert ended.number == 1
            while not note.exists() or not note.read_text():
                time.sleep(0.01)
            break
    assert ends(int(note.read_text()))


def test_what_a_program_started_ends_with_it(tmp_path: Path) -> None:
    # Where no terminal can ask for a password: programs have groups of their own there.
    note = tmp_path / "pid"
    door = f"sleep 40 & echo $! > {shlex.quote(str(note))}; wait"
    code = f"""
from pathlib import Path
from envparity.processes import Processes
with Processes(b"", Path(), 1.0, 100) as processes:
    print(list(processes.run([["sh", "-c", {door!r}]]))[0].failure)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, start_new_session=True, check=True
    )
    assert done.stdout.startswith("expected a snapshot in 1 s")
    assert ends(int(note.read_text()))


def test_no_more_than_a_few_at_once(tmp_path: Path) -> None:
    count = f"touch {tmp_path}/$$; ls {tmp_path} | wc -l; sleep 0.1; rm {tmp_path}/$$"
    found = run(*[shell(count)] * 6)
    assert max(int(ended.output) for ended in found) <= 2
    assert len(found) == 6
