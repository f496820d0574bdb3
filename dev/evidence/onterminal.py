"""Runs a program on a terminal, as a person does."""

import os
import pty
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO


def on_terminal(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    environ: Mapping[str, str] | None = None,
    stdin: int | None = None,
    stderr: IO[str] | None = None,
    typed: str = "",
) -> tuple[int, str]:
    """Run a command on a terminal; return its exit status and the terminal's text.

    Standard output is the terminal. Standard input and standard error are the terminal too, unless the caller gives
    `stdin` or `stderr`. `typed` is the text that a person would type. Without `cwd` or `environ`, the command gets the
    folder or the environment variables of this process.
    """
    main, terminal = pty.openpty()
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=environ,
        stdin=terminal if stdin is None else stdin,
        stdout=terminal,
        stderr=stderr or terminal,
        start_new_session=True,
    ) as process:
        os.close(terminal)
        os.write(main, typed.encode())
        text = b""
        while True:
            try:
                text += os.read(main, 65536)
            except OSError:  # On Linux this error means that the terminal's other end is closed.
                break
    os.close(main)
    return process.returncode, text.decode(errors="replace").replace("\r\n", "\n")
