"""How a command ends: with its own status, or by the signal that stopped it, its temporary folder gone."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

_COMMAND = """
import sys, tempfile, time
from dev.command.legacy import run_command

def main(arguments):
    if arguments:
        return int(arguments[0])
    with tempfile.TemporaryDirectory() as name:
        open(f"{name}/begun", "w").close()
        time.sleep(30)
    return 0

run_command(main)
"""
ROOT = Path(__file__).parents[3]


def test_it_ends_with_the_status_of_its_main() -> None:
    for status in (0, 3):
        done = subprocess.run([sys.executable, "-c", _COMMAND, str(status)], cwd=ROOT, check=False)
        assert done.returncode == status


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_it_and_it_cleans_up(tmp_path: Path, number: signal.Signals, status: int) -> None:
    with subprocess.Popen([sys.executable, "-c", _COMMAND], cwd=ROOT, env={"TMPDIR": str(tmp_path)}) as process:
        until = time.monotonic() + 10
        while not list(tmp_path.glob("*/begun")) and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(number)
        assert process.wait(10) == status
    assert list(tmp_path.iterdir()) == []
