"""Tests that call the scripts as a person would."""

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
import yaml
from cputime import less_cpu_time_than
from environment_builder import Environment
from progress_lines import quiet

from dev.dispatch import COMMANDS
from dev.evidence.onterminal import on_terminal
from dev.lockenv.project import Project

pytestmark = pytest.mark.processes


def ping(project: Project, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [project.root / "scripts" / "ping", *arguments],
        env=dict(os.environ) | environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )


def test_in_a_pipe_ping_prints_only_the_result(project: Project) -> None:
    done = ping(project)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(yaml.safe_load(done.stdout)["latency"]) == ["handshake_plus_one_rtt", "ping_rtt", "unit"]


def test_ping_is_fast_if_its_environment_exists(project: Project) -> None:
    with less_cpu_time_than(3):
        assert ping(project).returncode == 0


def test_ping_prints_several_tests_as_json(project: Project) -> None:
    done = ping(project, "--format", "json", "--count", "2", "--track", "v0.8", "--transport", "quic-v1")
    assert done.returncode == 0
    tests = json.loads(done.stdout)["tests"]
    assert [test["name"] for test in tests] == ["v0.8 x v0.8 (quic-v1)"] * 2
    assert all(test["status"] == "pass" for test in tests)


def test_on_a_terminal_ping_prints_a_table(project: Project) -> None:
    status, shown = on_terminal([project.root / "scripts" / "ping", "--listener-track", "v0.8"])
    assert status == 0
    assert "dialer x listener: v0.4 x v0.8" in shown
    assert "handshake+1RTT" in shown
    assert "pass" in shown


def test_a_failed_ping_exits_with_1(project: Project) -> None:
    done = ping(project, "--secure-channel", "tls")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("ping_test: /ip4/127.0.0.1/tcp/")
    assert "(a known limit: libp2p 0.4.0 security/tls/io.py" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_all_pings_every_combination_of_the_chosen_layers(project: Project) -> None:
    done = ping(project, "--all", "--transport", "ws", "--muxer", "yamux", "--format", "json")
    assert done.returncode == 0
    tests = json.loads(done.stdout)["tests"]
    assert [test["secureChannel"] for test in tests] == ["noise", "tls", "plaintext"]
    assert {(test["transport"], test["muxer"]) for test in tests} == {("ws", "yamux")}


def test_debug_shows_the_logs_of_both_nodes(project: Project) -> None:
    done = ping(project, DEBUG="true")
    assert done.returncode == 0
    assert list(yaml.safe_load(done.stdout)) == ["latency"]
    assert "pingtest: listening on" in done.stderr
    assert "libp2p.network.swarm: " in done.stderr


@pytest.mark.parametrize(("into", "status", "says"), [("| head -c 0", 0, ""), ("> /dev/full", 3, "No space left")])
def test_a_result_that_cannot_be_written_is_at_most_one_line(
    project: Project, into: str, status: int, says: str
) -> None:
    command = f"set -o pipefail; {project.root / 'scripts' / 'ping'} {into}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert says in done.stderr
    assert done.stderr.count("\n") == bool(says)


@pytest.mark.parametrize(("closes", "prints"), [("<&-", True), (">&-", False), ("2>&-", True), ("<&- >&- 2>&-", False)])
def test_a_closed_standard_stream_changes_nothing_else(project: Project, closes: str, prints: bool) -> None:
    command = f"{project.root / 'scripts' / 'ping'} {closes}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("latency:") == prints


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stopped_ping_leaves_no_process(project: Project, number: signal.Signals) -> None:
    def children(pid: int) -> set[int]:
        return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))

    with subprocess.Popen([str(project.root / "scripts" / "ping"), "--all"], stdout=subprocess.DEVNULL) as process:
        until = time.monotonic() + 60
        while len(roles := children(process.pid)) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(number)
        assert process.wait(60) == 128 + number
    assert len(roles) == 2
    until = time.monotonic() + 30  # A killed process may need a moment to disappear.
    while (left := [pid for pid in roles if Path(f"/proc/{pid}").exists()]) and time.monotonic() < until:
        time.sleep(0.05)
    assert not left


def test_a_path_of_the_library_starts_at_the_callers_folder(project: Project, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    script = project.root / "scripts" / "ping"
    environ = dict(os.environ) | {"LIBP2P_SOURCE": "here"}
    done = subprocess.run([script], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert f"found '{tmp_path}/here'" in done.stderr


def test_a_script_starts_through_a_link(project: Project, tmp_path: Path) -> None:
    (tmp_path / "ping").symlink_to(project.root / "scripts" / "ping")
    done = subprocess.run([tmp_path / "ping", "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "Exit status: 0 every ping came back" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--track", "v9"], "invalid choice: 'v9'"),
        (["--count", "0"], "expected a whole number from 1"),
        (["--count", "٣"], "expected a whole number from 1"),
        (["--timeout", "nan"], "expected a whole number from 1"),
        (["--transport", "carrier-pigeon"], "invalid choice: 'carrier-pigeon'"),
        (["surprise"], "unrecognized arguments: surprise"),
    ],
)
def test_a_wrong_command_line_exits_with_2(project: Project, arguments: list[str], says: str) -> None:
    done = ping(project, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_an_environment_that_cannot_be_made_is_one_line(project: Project) -> None:
    done = ping(project, LIBP2P_SOURCE="/nowhere")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("scripts/ping: LIBP2P_SOURCE: expected ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("script", COMMANDS)
def test_every_script_says_what_it_is_and_starts_its_command(project: Project, script: str) -> None:
    path = project.root / "scripts" / script
    shell, says, *_, starts = path.read_text().splitlines()
    assert shell == "#!/bin/sh"
    assert re.fullmatch(rf"# \S.*: scripts/{script} .*--help", says)
    assert starts.startswith("exec ")
    assert starts.endswith(f'/start" {script} "$@"')
    assert os.access(path, os.X_OK)


# The scripts `nix` and `test` pass unknown options on to another program.
@pytest.mark.parametrize("script", sorted({*COMMANDS} - {"nix", "test"}))
def test_an_unknown_option_is_refused(project: Project, script: str) -> None:
    words: list[str | Path] = [project.root / "scripts" / script, "--hel"]
    words += ["folder"] if script == "upstream" else []
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--hel" in done.stderr
    assert "Traceback" not in done.stderr


def parity(project: Project, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [str(project.root / "scripts" / "parity"), *arguments]
    return quiet(subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=110))


@pytest.mark.parametrize(("track", "squatters"), [("v0.4", ["docs", "tests"]), ("v0.8", ["interop", "stubs"])])
def test_each_track_agrees_with_its_lock(project: Project, track: str, squatters: list[str]) -> None:
    done = parity(project, "venv", "--track", track, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    # If PYTHONPATH is set, envparity also reports path-hidden. On a minimal machine, it notes that git or cmake is
    # missing. No other findings are allowed.
    assert {one["code"] for one in report["findings"]} - {"path-hidden", "toolchain-missing"} == {"top-level-squatter"}
    paths = {path for one in report["findings"] for path in one.get("paths", [])}
    assert {f"site/{name}" for name in squatters} <= paths


def test_parity_finds_files_in_the_callers_folder(project: Project, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    Environment(tmp_path / "here" / "made").add("alpha")
    done = parity(project, "made", "--no-lock", "--no-behaviour", "--report", "made.html", cwd=tmp_path / "here")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "here" / "made.html").read_text().startswith("<!doctype html>")


def test_parity_refuses_an_unknown_door(project: Project) -> None:
    done = parity(project, "nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("envparity: door: expected a door of pyproject.toml (venv, ")
    assert done.stderr.count("\n") == 1


@pytest.mark.netns
def test_a_machine_with_only_loopback_skips_the_tests_that_need_more(project: Project) -> None:
    alone = 'ip link set lo up && exec "$@"'
    tests = [project.root / "tests" / name for name in ("pingtest/test_roles.py", "dev/matrix/test_run.py")]
    command: list[str | Path] = ["unshare", "--net", "sh", "-c", alone, "sh", project.root / "scripts" / "test"]
    done = subprocess.run(
        [*command, "--collect-only", "-q", *tests],
        cwd=project.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (row,) = (line for line in done.stdout.splitlines() if "only a loopback address" in line)
    assert row.rstrip().endswith("connect to a network")
    assert "test_every_combination_passes[v0.8 x v0.8 (quic-v1)]" in done.stdout
    assert "(webrtc-direct)" not in done.stdout
    assert "test_the_unspecified_address_is_announced" not in done.stdout
