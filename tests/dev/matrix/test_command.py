"""Tests of `scripts/matrix` as a person calls it: its results, and each way in which it can end.

Most tests use `quick_matrix`, which runs four fake implementations of libp2p, `a` to `d`.
"""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

from dev.lockenv.project import Project
from dev.matrix import command as command_line
from dev.matrix.command import main
from dev.matrix.journal import read_journal

pytestmark = [pytest.mark.processes, pytest.mark.redis]

ROOT = Path(__file__).parents[3]
COMBINATIONS, PARTIES = 20, 4
EVERY = COMBINATIONS * PARTIES**2
UNSUPPORTED = 2 * PARTIES - 1  # The tests with `d` over webrtc-direct, which `d` does not have.
# A program that plays both roles and pings nobody. It records its process ID, so that the tests can find a process that
# still runs.
NODE = """\
#!/bin/sh
echo $$ >> "$(dirname "$0")/started"
[ "$IS_DIALER" = true ] || exec sleep 300
sleep 0.05
printf 'latency:\\n  handshake_plus_one_rtt: 2.5\\n  ping_rtt: 0.5\\n  unit: ms\\n'
"""


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """Write NODE and return its path: its dialer ends at once, and its listener runs until it is stopped."""
    path = tmp_path / "node"
    path.write_text(NODE)
    path.chmod(0o755)
    return path


def command(node: Path, *arguments: str) -> list[str]:
    """Return the command that runs the matrix of fake implementations into the folder `out`."""
    return [sys.executable, "-m", "quick_matrix", "--into", str(node.parent / "out"), *arguments]


def environment(node: Path) -> dict[str, str]:
    return dict(os.environ) | {"QUICK_NODE": str(node), "PYTHONPATH": f"{ROOT}:{ROOT}/tests/support"}


def quick(node: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(node, *arguments),
        env=environment(node),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def start(node: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(node, *arguments),
        env=environment(node),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def done(node: Path) -> int:
    try:
        return (node.parent / "out" / "journal.jsonl").read_bytes().count(b'"kind": "done"')
    except FileNotFoundError:
        return 0


def left_behind(node: Path) -> list[str]:
    """Return the process IDs of listeners that still run after 30 seconds."""
    until = time.monotonic() + 30
    while True:
        pids = (node.parent / "started").read_text().split()
        alive = [pid for pid in pids if _is_sleep(Path("/proc") / pid / "cmdline")]
        if not alive or time.monotonic() > until:
            return alive
        time.sleep(0.05)


def _is_sleep(path: Path) -> bool:
    try:
        return path.read_bytes() == b"sleep\x00300\x00"
    except (FileNotFoundError, ProcessLookupError):
        return False


def entries(node: Path) -> list[dict[str, object]]:
    document = yaml.safe_load((node.parent / "out" / "results.yaml").read_text())
    return list(document["tests"])


@pytest.mark.slow
@pytest.mark.slow
def test_a_run_killed_at_twenty_random_moments_still_runs_every_test_once(node: Path) -> None:
    seed = time.monotonic_ns() % 10**6
    moments = random.Random(seed)  # noqa: S311 - no secret depends on these numbers
    started = quick(node, "--select", "a x a (tcp, noise, yamux)", "--workers", "1")
    assert started.returncode == 0, started.stderr
    for number in range(20):
        with start(node, *(["--resume"] if number else ["--workers", "2"])) as runner:
            before = done(node)
            wanted = moments.choice([0, 1, 2, 4, 8])
            while number and done(node) < before + wanted and runner.poll() is None:
                time.sleep(0.01)
            while not number and "a x b" not in (node.parent / "out" / "journal.jsonl").read_text():
                time.sleep(0.01)  # Wait until the journal has the new plan.
            time.sleep(moments.uniform(0, 0.2))
            runner.kill()
        assert runner.returncode == -signal.SIGKILL, f"seed {seed}, kill {number}: {runner.returncode}"
    assert 0 < done(node) < EVERY
    ended = quick(node, "--resume")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    names = [test["name"] for test in entries(node)]
    assert len(names) == len(set(names)) == EVERY, f"seed {seed}"
    assert Counter(str(test["status"]) for test in entries(node)) == {
        "pass": EVERY - UNSUPPORTED,
        "unsupported": UNSUPPORTED,
    }
    assert done(node) == EVERY, f"seed {seed}: a test was run again that was done"
    assert left_behind(node) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_a_run_and_its_finished_tests_are_kept(node: Path, number: signal.Signals) -> None:
    with start(node, "--workers", "2") as runner:
        while done(node) < UNSUPPORTED + 5:
            time.sleep(0.01)
        began = time.monotonic()
        runner.send_signal(number)
        out, err = runner.communicate(timeout=60)
    assert (runner.returncode, err) == (128 + number, "")
    assert time.monotonic() - began < 60
    tests = entries(node)
    assert UNSUPPORTED + 5 <= len(tests) < EVERY
    assert {test["status"] for test in tests} == {"pass", "unsupported"}
    assert f"; {EVERY - len(tests)} left, continue with: scripts/matrix --resume --into " in out
    assert left_behind(node) == []
    assert read_journal(node.parent / "out").seconds > 0


def held(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_another_run_does_not_overwrite_an_unfinished_run(node: Path, number: signal.Signals) -> None:
    chosen = ["--select", "a x b", "--workers", "1"]
    with start(node, *chosen) as runner:
        while not done(node):
            time.sleep(0.01)
        runner.send_signal(number)
        runner.communicate(timeout=60)
    before = held(node.parent / "out")
    quick(node, *chosen, "--into", f"{node.parent}/other")
    for further in ([], ["--select", "c x c"], ["--merge", f"{node.parent}/other"]):
        ended = quick(node, *further)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert re.fullmatch(
            f"scripts/matrix: {node.parent}/out: expected no unfinished run, found a run with [0-9]+ of 20 tests to do;"
            " continue it with --resume, or use another --into\n",
            ended.stderr,
        )
    assert held(node.parent / "out") == before
    assert quick(node, "--list").returncode == 0
    assert quick(node, "--resume").returncode == 0
    assert len(entries(node)) == COMBINATIONS


def test_a_run_replaces_a_finished_run(node: Path) -> None:
    for chosen in ("a x a (tcp, noise, yamux)", "b x c (quic-v1)"):
        assert quick(node, "--select", chosen).returncode == 0
        assert [test["name"] for test in entries(node)] == [chosen]
        assert len(list((node.parent / "out" / "logs").iterdir())) == 1
    merged = quick(node, "--merge", str(node.parent / "out"))
    assert merged.returncode == 0, merged.stderr
    assert not (node.parent / "out" / "journal.jsonl").exists()
    assert [test["name"] for test in entries(node)] == ["b x c (quic-v1)"]


@pytest.mark.slow
def test_a_second_run_at_once_in_one_folder_is_refused(node: Path) -> None:
    with start(node, "--select", "a x", "--workers", "1") as runner:
        while not (node.parent / "out" / "journal.jsonl").exists():
            time.sleep(0.01)
        time.sleep(0.1)
        ended = quick(node)
        assert ended.returncode in (2, 3)  # 2 if the first run has finished a test, else 3.
        assert ended.stderr.count("\n") == 1
        runner.terminate()
        runner.communicate(timeout=60)
    assert quick(node, "--resume").returncode == 0
    assert len(entries(node)) == PARTIES * COMBINATIONS


def test_an_unknown_implementation_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--among", "v0.8,zig", "--into", str(tmp_path / "out")]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("scripts/matrix: implementation: expected one of v0.4, ")
    assert said.err.endswith("found 'zig'\n")
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_an_implementation_that_is_not_built_is_an_error_that_says_how_to_build_it(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("locks", "peers"):
        shutil.copytree(project.root / name, tmp_path / name)
    bare = replace(project, root=tmp_path)
    monkeypatch.setattr(command_line, "this_project", lambda: bare)
    assert main(["--among", "v0.8,go", "--into", str(tmp_path / "out")]) == 3
    said = "implementation go: expected a built peer, found none; build it with: scripts/matrix --build go"
    assert capsys.readouterr().err == f"scripts/matrix: {said}\n"
    assert main(["--list"]) == 0
    said = "skipped, not built yet: go, js, rust, upstream; build with: scripts/matrix --build go js rust upstream"
    assert capsys.readouterr().err == f"scripts/matrix: {said}\n"


@pytest.mark.parametrize("option", ["--resume", "--rerun-failed"])
def test_resuming_without_a_run_is_one_line(option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "out"
    for _ in range(2):
        assert main([option, "--into", str(folder)]) == 2
        expected = f"expected a run in {folder}, found none; leave {option} out, or use another --into"
        assert capsys.readouterr().err == f"scripts/matrix: {option}: {expected}\n"
        folder.mkdir(exist_ok=True)
    assert list(folder.iterdir()) == []


def test_rerun_failed_runs_only_the_failed_tests_again(node: Path) -> None:
    text = node.read_text()
    flaw = '[ "$TRANSPORT" != quic-v1 ] || { echo "peer-q: expected better" >&2; exit 5; }\nsleep 0.05\n'
    node.write_text(text.replace("sleep 0.05\n", flaw))
    first = quick(node, "--select", "a x b", "--retries", "0")
    assert first.returncode == 1
    assert first.stdout.startswith("fail: a x b (quic-v1): peer-q: expected better (")
    assert first.stdout.splitlines()[-1].startswith("20 tests, ")
    assert quick(node, "--resume").returncode == 1
    node.write_text(text)
    ran = len((node.parent / "started").read_text().split())
    again = quick(node, "--rerun-failed")
    assert again.returncode == 0, again.stdout
    assert len((node.parent / "started").read_text().split()) == ran + 2
    assert "20 tests" in again.stdout
    assert "20 pass" in again.stdout


def test_a_flaky_test_is_a_failure(node: Path) -> None:
    flaw = 'mkdir "$(dirname "$0")/$TEST_KEY" 2> /dev/null && { echo "peer-q: expected luck" >&2; exit 5; }\n'
    node.write_text(node.read_text().replace("sleep 0.05\n", flaw))
    ended = quick(node, "--select", "a x a (tcp, noise, yamux)")
    assert ended.returncode == 1
    assert ended.stdout.startswith("flaky: a x a (tcp, noise, yamux): peer-q: expected luck (")
    suite = ET.parse(node.parent / "out" / "junit.xml").getroot()  # noqa: S314 - we wrote this file
    assert suite.attrib["failures"] == "1"
    log = node.parent / "out" / "logs" / "a_x_a__tcp__noise__yamux_.log"
    assert log.read_text().count("== attempt ") == 2
    assert (node.parent / "out" / "results.md").read_text().count("**flaky [1]**") == 1


def test_a_dialer_without_a_result_fails_its_test(node: Path) -> None:
    node.write_text(node.read_text().replace("handshake", "nothing"))
    ended = quick(node, "--select", "a x a (quic-v1)", "--retries", "0")
    assert ended.returncode == 1
    assert "expected the dialer to print a result, found 'latency:" in ended.stdout


@pytest.mark.slow
def test_a_test_that_does_not_end_is_killed_at_its_time_limit(node: Path) -> None:
    node.write_text('#!/bin/sh\ntrap \'\' TERM\necho $$ >> "$(dirname "$0")/started"\nsleep 300 & wait\nsleep 300\n')
    ended = quick(node, "--select", "a x a (quic-v1)", "--retries", "0", "--timeout", "1")
    assert ended.returncode == 1
    assert "expected the dialer to end within 1 s, found it still running and killed it" in ended.stdout


def test_shards_are_merged_into_one_run(node: Path) -> None:
    parts = [str(node.parent / f"part{number}") for number in (1, 2, 3)]
    for number, part in enumerate(parts, 1):
        ended = quick(node, "--select", "a x", "--shard", f"{number}/3", "--into", part)
        assert ended.returncode == 0, ended.stderr
    merged = quick(node, "--merge", *parts)
    assert merged.returncode == 0, merged.stderr
    names = [test["name"] for test in entries(node)]
    assert len(names) == len(set(names)) == PARTIES * COMBINATIONS
    assert len(list((node.parent / "out" / "logs").iterdir())) == PARTIES * COMBINATIONS - 1
    short = quick(node, "--merge", *parts[:2])
    assert (short.returncode, short.stdout) == (3, "")
    assert short.stderr == "scripts/matrix: --merge: expected each of 3 shards once, found 1, 2\n"


def test_list_prints_the_plan_and_runs_no_test(node: Path) -> None:
    listed = quick(node, "--list").stdout.splitlines()
    assert len(listed) == EVERY
    assert listed[0] == "a x a (tcp, noise, yamux)"
    assert "d x a (webrtc-direct)\tunsupported: quick (d) lacks webrtc-direct" in listed
    assert not (node.parent / "out").exists()


@pytest.mark.slow
@pytest.mark.slow
def test_the_real_tracks_ping_each_other(project: Project, tmp_path: Path) -> None:
    wanted = ["--among", "v0.4,v0.8", "--select", "(tcp, noise, yamux)|v0.8 x v0.4 (tcp, tls, yamux)|webrtc"]
    done = subprocess.run(
        [project.root / "scripts" / "matrix", *wanted, "--ignore", "v0.8 x v0.8 (webrtc", "--into", "here"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "8 tests, " in done.stdout
    assert f": 4 pass, 1 limit, 3 unsupported; {tmp_path}/here/index.html\n" in done.stdout
    document = yaml.safe_load((tmp_path / "here" / "results.yaml").read_text())
    assert document["summary"] | {"total": 8, "passed": 4, "failed": 0} == document["summary"]
    assert [one["version"] for one in document["metadata"]["implementations"]] == ["0.4.0", "0.8.1"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--shard", "0/2"], "expected I/N"),
        (["--shard", "3/2"], "expected I/N"),
        (["--shard", "1"], "expected I/N"),
        (["--workers", "0"], "expected a whole number from 1"),
        (["--retries", "-1"], "expected a whole number"),
        (["--timeout", "x"], "expected a whole number from 1"),
        (["--engine", "vm"], "invalid choice"),
        (["--resume", "--list"], "argument --list: not allowed with argument --resume"),
        (["--merge", "a", "--build"], "argument --build: not allowed with argument --merge"),
    ],
)
def test_a_wrong_command_line_exits_with_2(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert says in capsys.readouterr().err


def test_filters_that_select_no_test_are_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--select", "nowhere", "--into", str(tmp_path / "out")]) == 2
    assert "expected tests to run, found none" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_merging_a_missing_journal_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--merge", "nowhere", "--into", str(tmp_path / "out")]) == 3
    err = capsys.readouterr().err
    assert err.startswith("scripts/matrix: ")
    assert "expected the journal of a run, found none" in err
    assert err.count("\n") == 1
