"""Processes by their numbers, and commands of a shell."""

import os
import time
from pathlib import Path


def shell(text: str) -> list[str]:
    """Return the command that runs this text in a shell."""
    return ["sh", "-c", text]


def ends(pid: int) -> bool:
    """Whether a process is gone, or only waits to be collected, within five seconds."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (ProcessLookupError, FileNotFoundError):
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False
