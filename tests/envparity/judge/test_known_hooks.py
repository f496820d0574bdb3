"""Tests of recognizing start-up code that well-known programs write."""

import re
from pathlib import Path

import pytest

from envparity.judge.known_hooks import MADE, is_crash_reporter, is_setuptools

DEBIAN = Path("/etc/python3.11/sitecustomize.py")


@pytest.mark.parametrize("module", MADE)
def test_each_known_file_is_a_sha256(module: str) -> None:
    assert MADE[module].modules
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in MADE[module].modules)


@pytest.mark.skipif(not DEBIAN.exists(), reason="this machine has no Python of Debian; run the test on Debian")
def test_debians_own_hook_is_known() -> None:
    lines = [line for line in DEBIAN.read_text().splitlines() if line and not line.startswith("#")]
    assert is_crash_reporter(lines)
    assert not is_crash_reporter([*lines, "import evil"])


@pytest.mark.parametrize(
    "line",
    [
        "import sys; sys.__plen = len(sys.path)",
        "import sys,types,os; p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('a',));"
        "ie = os.path.exists(os.path.join(p,'__init__.py'));"
        "m = not ie and sys.modules.setdefault('a', types.ModuleType('a'));"
        "mp = (m or []) and m.__dict__.setdefault('__path__',[]);(p not in mp) and mp.append(p)",
    ],
)
def test_lines_of_setuptools(line: str) -> None:
    assert is_setuptools([line])
    assert not is_setuptools([line, "import evil"])
    assert not is_setuptools([line + "; import evil"])
    assert not is_setuptools([line.replace("import sys", "import evil, sys", 1)])


def test_a_file_without_lines_is_not_of_setuptools() -> None:
    assert not is_setuptools([])
