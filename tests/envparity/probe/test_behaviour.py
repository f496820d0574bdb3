"""Tests of how the probe (the program that reads an environment) runs behaviour checks.

A behaviour check is a piece of Python code from a project's settings. The code may also fail or end its process.
"""

import time

import pytest
from environment_builder import Environment

from envparity.project.config import BehaviourCheck, Config
from envparity.snapshot.doors import Door, Look, open_door
from envparity.snapshot.types import Result


def behave(environment: Environment, *codes: str, timeout: float = 30) -> list[Result]:
    """Return the result of each piece of code in `codes`, in the same order. `timeout` is in seconds."""
    checks = tuple(BehaviourCheck(f"check-{number}", code) for number, code in enumerate(codes))
    config = Config(root=environment.folder, behaviour=checks)
    results = environment.probe(config=config, look=Look(timeout=timeout)).behaviour
    return [results[check.name] for check in checks]


def test_results_are_kept_and_printed_text_is_ignored(empty: Environment) -> None:
    assert behave(
        empty,
        "print('noise'); import os; os.write(1, b'more'); os.system('echo shell'); result = 2",
        "import sys; sys.stderr.write('noise'); result = sys.flags.isolated",
        "pass",
        "result = __import__('importlib.util').util.find_spec('alpha') is None",
    ) == [Result("2"), Result("1"), Result("None"), Result("True")]


def test_a_check_that_raises_affects_no_other_check(empty: Environment) -> None:
    prefix, place, syntax, leave, interrupt, odd, fine = behave(
        empty,
        "import sys; raise ValueError(sys.prefix + '/x')",
        "raise KeyError(object())",
        "def",
        "raise SystemExit(0)",
        "raise KeyboardInterrupt",
        "class E(Exception):\n def __str__(self): raise self\nraise E()",
        "result = 1",
    )
    assert prefix.error == "ValueError: <prefix>/x"
    assert place.error == "KeyError: <object object at 0x...>"
    assert (syntax.error or "").startswith("SyntaxError")
    assert (leave.error, interrupt.error, odd.error) == ("SystemExit: 0", "KeyboardInterrupt: ", "E")
    assert fine.value == "1"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import os; os._exit(0)", "no result"),
        ("import os; os._exit(7)", "the process ended with status 7"),
        ("import os; os.write(2, b'last words'); os._exit(7)", "the process ended with status 7 last words"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "the process ended with status -11"),
        ("while True: pass", "no result after 3 s"),
        ("import os\nwhile True: os.write(1, b'x' * 65536)", "no result after 3 s"),
        ("import subprocess; subprocess.run(['sleep', '600'])", "no result after 3 s"),
    ],
)
def test_a_check_that_ends_its_process_loses_no_other_result(empty: Environment, code: str, said: str) -> None:
    before, ended, after = behave(empty, "result = 'kept'", code, "result = 'never'", timeout=3)
    assert (before.value, ended.error, after.error) == ("kept", said, said)


def test_the_probe_does_not_wait_for_processes_that_a_check_started(empty: Environment) -> None:
    started = time.monotonic()
    found = behave(
        empty,
        "import subprocess; subprocess.Popen(['sleep', '600']); result = 1",
        "import threading, time; threading.Thread(target=time.sleep, args=(600,)).start(); result = 2",
    )
    assert [one.value for one in found] == ["1", "2"]
    assert time.monotonic() - started < 100


def test_results_that_are_no_text_are_converted(empty: Environment) -> None:
    half, long, control = behave(empty, r"result = '\ud800x\udc80'", "result = 'x' * 10**6", r"result = 'a\x1b[31m\n'")
    assert half.value == "\\ud800x\\udc80"
    assert (long.value or "").startswith("1000000 characters, sha256 ")
    assert control.value == "a\x1b[31m\n"


def test_a_check_cannot_change_what_the_snapshot_says(empty: Environment) -> None:
    """The code of a check finds the probe's own output, and writes a forged snapshot and forged results to it."""
    (empty.site / "stray.py").write_text("1\n")
    forge = (
        "import os\n"
        "out = os.open(f'/proc/{os.getppid()}/fd/1', os.O_WRONLY)\n"
        'os.write(out, b\'{"schema":"envparity-snapshot-1","files":{},"behaviour":{}}\\n\')\n'
        'os.write(out, b\'{"schema":"envparity-behaviour-1","behaviour":{},"files":{}}\\n\')\n'
        f"os.unlink({str(empty.site / 'stray.py')!r})\n"
    )
    config = Config(root=empty.folder, behaviour=(BehaviourCheck("forge", forge),))
    door = Door("door", (str(empty.python),))
    found = open_door(door, config, None, Look())
    assert not (empty.site / "stray.py").exists()
    assert "site/stray.py" in found.files
