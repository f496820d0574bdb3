"""Tests of the keeper, a process group that ends with the process that made it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from dev.matrix.keeper import Keeper

HOLD = """
import subprocess, sys, time
from dev.matrix.keeper import Keeper
keeper = Keeper()
stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(99)"
child = subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.PIPE, process_group=keeper.group)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(99)
"""


def gone(pid: int) -> bool:
    """Return whether a process has ended, even if its parent has not collected its status yet."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_the_group_ends_with_a_process_that_is_killed() -> None:
    root = Path(__file__).parents[3]
    with subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True, cwd=root) as holder:
        assert holder.stdout is not None
        pid = int(holder.stdout.readline())
        assert not gone(pid)
        holder.send_signal(signal.SIGKILL)
    until = time.monotonic() + 30
    while not gone(pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert gone(pid)


def test_the_group_ends_when_the_keeper_is_closed(tmp_path: Path) -> None:
    with Keeper(f"echo left >> {tmp_path}/said") as keeper:
        assert keeper.group != os.getpgrp()
        with subprocess.Popen(["sleep", "99"], process_group=keeper.group) as child:
            keeper.close()
            assert child.wait(30) == -signal.SIGKILL
    assert (tmp_path / "said").read_text() == "left\n"
