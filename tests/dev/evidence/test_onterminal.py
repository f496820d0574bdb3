"""Tests that a command runs on a terminal, as a person runs it."""

import subprocess
import sys
from pathlib import Path

from dev.evidence.onterminal import on_terminal


def test_standard_output_is_a_terminal_and_its_lines_end_as_in_a_file() -> None:
    code = "import sys; print(sys.stdout.isatty()); print('two'); sys.exit(7)"
    assert on_terminal([sys.executable, "-c", code], stdin=subprocess.DEVNULL) == (7, "True\ntwo\n")


def test_standard_error_can_go_to_a_file(tmp_path: Path) -> None:
    code = "import sys; print('out'); print(sys.stderr.isatty(), file=sys.stderr)"
    with (tmp_path / "said").open("w") as said:
        assert on_terminal([sys.executable, "-c", code], stdin=subprocess.DEVNULL, stderr=said) == (0, "out\n")
    assert (tmp_path / "said").read_text() == "False\n"
