"""A function that waits for the end of a process by its ID, and a function that makes a shell command."""

import os
import time
from pathlib import Path


def shell(text: str) -> list[str]:
    """Return the command that runs `text` in a shell."""
    return ["sh", "-c", text]


def ends(pid: int) -> bool:
    """Wait up to five seconds for the end of the process; return whether the process has ended or is a zombie."""
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
