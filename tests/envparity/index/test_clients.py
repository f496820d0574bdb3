"""Tests of `IndexClients`, which runs pip and uv (the clients) to ask a package index.

A client runs to its end, or is ended with all the processes that it started. It gets no setting that changes answers.
"""

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pids import ends, shell

from envparity.index.clients import (
    ClientMissing,
    ClientSilent,
    IndexClients,
    Said,
    clean_environment,
    pip_command,
    pip_version,
    uv_program,
    without_addresses,
)
from envparity.processes import Stopped


def run(text: str, *, stdin: str = "", timeout: float = 20, extra: dict[str, str] | None = None) -> Said:
    return IndexClients().run(shell(text), stdin=stdin, timeout=timeout, extra=extra)


def soon(holds: Callable[[], bool]) -> bool:
    for _ in range(200):
        if holds():
            return True
        time.sleep(0.02)
    return False


def pids(note: Path, count: int) -> list[int]:
    """Return the `count` process ids in the file `note`, as soon as each process has written its id there."""
    assert soon(lambda: note.exists() and note.read_text().count("\n") == count)
    return [int(line) for line in note.read_text().split()]


def test_status_output_and_standard_error_are_returned() -> None:
    assert run("cat; echo no >&2; exit 7", stdin="given\u00e9") == Said(7, "given\u00e9", "no\n")
    assert run("kill -9 $$").status == -9


def test_large_input_and_output_are_passed() -> None:
    text = "0123456789abcdef" * 65536
    found = run("cat; yes no | head -c 1000000 >&2", stdin=text)
    assert (found.output == text, len(found.complaints)) == (True, 1_000_000)
    assert run("exec 0<&-; echo done", stdin=text).output == "done\n"


def test_output_that_is_no_text_is_still_read() -> None:
    assert run(r"printf 'a\377\n'").output == "a\ufffd\n"


def test_a_client_runs_in_a_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "uv.toml").touch()
    monkeypatch.chdir(tmp_path)
    first, second = run("pwd; ls -A; touch left"), run("pwd; ls -A")
    assert len(first.output.splitlines()) == len(second.output.splitlines()) == 1
    assert len({first.output.strip(), second.output.strip(), str(tmp_path)}) == 3
    assert not Path(first.output.strip()).exists()
    assert IndexClients().run(shell("ls"), timeout=20, folder=tmp_path).output == "uv.toml\n"


def test_a_silent_client_is_ended_with_its_processes(tmp_path: Path) -> None:
    note, start = tmp_path / "note", time.monotonic()
    with pytest.raises(ClientSilent, match=r"^no answer within 1 s$") as silent:
        run(f"echo $$ >> {note}; sleep 60 & echo $! >> {note}; sleep 60", timeout=0.6)
    assert silent.value.seconds == 0.6
    assert time.monotonic() - start < 40
    assert all(ends(pid) for pid in pids(note, 2))


def test_a_client_that_ignores_sigterm_is_ended() -> None:
    start = time.monotonic()
    with pytest.raises(ClientSilent):
        run("trap '' TERM INT HUP; while :; do sleep 1; done", timeout=0.4)
    assert time.monotonic() - start < 40


def test_processes_that_a_client_leaves_end_with_it(tmp_path: Path) -> None:
    note, start = tmp_path / "note", time.monotonic()
    assert run(f"sleep 60 & echo $! > {note}; echo out", timeout=20) == Said(0, "out\n", "")
    assert time.monotonic() - start < 40
    (pid,) = pids(note, 1)
    assert ends(pid)


def test_a_missing_or_unusable_client_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for command, reason in ((["/nowhere/uv"], "uv: No such file or directory"), ([f"{tmp_path}/file"], "file: Perm")):
        with pytest.raises(ClientMissing, match=f"^cannot run {reason}"):
            IndexClients().run(command, timeout=20)


def test_stop_ends_running_clients_and_no_other_can_start(tmp_path: Path) -> None:
    clients, note = IndexClients(), tmp_path / "note"
    command = shell(f"echo $$ >> {note}; sleep 60 & echo $! >> {note}; wait")
    with ThreadPoolExecutor(3) as pool:
        running: list[Future[Said]] = [pool.submit(clients.run, command, timeout=60) for _ in range(3)]
        started = pids(note, 6)
        at = time.monotonic()
        clients.stop()
        for one in running:
            with pytest.raises(Stopped):
                one.result(timeout=40)
    assert time.monotonic() - at < 40
    assert all(ends(pid) for pid in started)
    with pytest.raises(Stopped):
        clients.run(shell(f"echo $$ >> {note}"), timeout=20)
    assert note.read_text().count("\n") == 6
    clients.stop()


def test_a_client_that_ignores_sigterm_is_stopped(tmp_path: Path) -> None:
    clients, note = IndexClients(), tmp_path / "note"
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(
            clients.run, shell(f"trap '' TERM; echo $$ >> {note}; while :; do sleep 0.2; done"), timeout=6
        )
        (pid,) = pids(note, 1)
        clients.stop()
        with pytest.raises(Stopped):
            running.result()
    assert ends(pid)


def test_stop_ends_only_the_clients_of_one_instance(tmp_path: Path) -> None:
    note = tmp_path / "note"
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(IndexClients().run, shell(f"echo $$ > {note}; sleep 0.5; echo out"), timeout=20)
        pids(note, 1)
        IndexClients().stop()
        assert running.result().output == "out\n"


def test_clients_that_have_ended_are_not_stopped() -> None:
    clients = IndexClients()
    for _ in range(3):
        assert clients.run(shell("echo out"), timeout=20).output == "out\n"
    with pytest.raises(ClientMissing):
        clients.run(["/nowhere/uv"], timeout=20)
    clients.stop()


CHANGING = (
    "PIP_CONSTRAINT PIP_PRE PIP_NO_BINARY PIP_ONLY_BINARY PIP_PLATFORM PIP_PYTHON_VERSION PIP_QUIET PIP_TARGET "
    "PIP_REQUIREMENT PIP_UPLOADED_PRIOR_TO PYTHONPATH PYTHONHOME VIRTUAL_ENV UV_CONSTRAINT UV_EXCLUDE_NEWER "
    "UV_EXCLUDE_NEWER_PACKAGE UV_NO_BUILD UV_NO_BINARY UV_OVERRIDE UV_PRERELEASE UV_PROJECT UV_PYTHON UV_RESOLUTION"
).split()
# Measured: with UV_TORCH_BACKEND, uv takes torch from another index. With UV_WORKING_DIR, uv reads the settings of
# another folder. With PIP_IGNORE_REQUIRES_PYTHON, pip lists numpy 2.5.5 for Python 3.11.
CHANGING += ["UV_TORCH_BACKEND", "UV_WORKING_DIR", "PIP_IGNORE_REQUIRES_PYTHON"]
OWN = (
    "PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_FIND_LINKS PIP_NO_INDEX PIP_CERT PIP_CONFIG_FILE PIP_CACHE_DIR UV_INDEX "
    "UV_INDEX_URL UV_DEFAULT_INDEX UV_EXTRA_INDEX_URL UV_FIND_LINKS UV_OFFLINE UV_CACHE_DIR UV_NATIVE_TLS "
    "UV_INDEX_NAME_USERNAME HTTPS_PROXY SSL_CERT_FILE PATH HOME LANG XPIP_CONSTRAINT PIP_CONSTRAINTS"
).split()


@pytest.mark.parametrize("name", CHANGING)
def test_a_setting_that_would_change_an_answer_is_not_passed_on(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "mine")
    assert name not in clean_environment()
    assert run(f'printf %s "${{{name}-none}}"').output == "none"
    assert os.environ[name] == "mine"
    # The caller may still set the variable for one run.
    assert run(f'printf %s "${{{name}-none}}"', extra={name: "asked"}).output == "asked"


def test_the_index_settings_of_the_person_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OWN:
        if name not in ("PATH", "HOME"):
            monkeypatch.setenv(name, "mine")
    assert {name: clean_environment().get(name) for name in OWN} == {name: os.environ.get(name) for name in OWN}


@pytest.mark.parametrize(
    ("complaint", "unreachable"),
    [
        ("error: Failed to fetch: `https://host.invalid/simple/a/`", True),
        ("WARNING: Retrying (Retry(total=4)) after connection broken", True),
        ("error sending request for url", True),
        ("  Caused by: Network is unreachable", True),
        ("operation TIMED OUT", True),
        ("dns error: failed to lookup address information", True),
        ("No solution found when resolving dependencies", False),
        ("", False),
    ],
)
def test_an_unreachable_index_is_recognised(complaint: str, unreachable: bool) -> None:
    assert Said(1, "", complaint).unreachable is unreachable
    assert Said(0, "", complaint).unreachable is False


def test_a_reason_is_one_line_without_an_address() -> None:
    said = Said(1, "", "error: Failed to fetch:\n  `https://user:pass@host.invalid:8080/simple/a/?x=1`\n\tat last\n")
    assert said.reason == "error: Failed to fetch: `(an address)` at last"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see https://host.invalid/a b", "see (an address) b"),
        ("(HTTPS://Host.invalid)", "((an address))"),
        ("a @ git+ssh://git@host.invalid/a.git@main", "a @ (an address)"),
        ("'file:///home/me/x' and \"ftp://host.invalid\"", "'(an address)' and \"(an address)\""),
        ("<https://one.invalid> [http://two.invalid]", "<(an address)> [(an address)]"),
        ("url=https://host.invalid, https://other.invalid", "url=(an address) (an address)"),
        ("no address: a==1.0 // b:/c", "no address: a==1.0 // b:/c"),
        ("", ""),
    ],
)
def test_an_address_is_replaced_by_a_placeholder(text: str, expected: str) -> None:
    assert without_addresses(text) == expected


@pytest.mark.parametrize(
    "address",
    ["https://user:it's@host.invalid/x", "https://user:a)b@host.invalid/", "https://[fe80::1]:80/host.invalid"],
)
def test_no_part_of_an_odd_address_is_left(address: str) -> None:
    assert "host.invalid" not in without_addresses(f"error: `{address}` said no")


@given(before=st.text(max_size=5), after=st.text(max_size=5))
def test_a_host_is_never_named(before: str, after: str) -> None:
    assert "host.invalid" not in without_addresses(f"{before}https://host.invalid/x{after}")


def test_pip_and_uv_are_found() -> None:
    assert IndexClients().run([uv_program(), "--version"], timeout=60).output.startswith("uv ")
    assert IndexClients().run([*pip_command(), "--version"], timeout=60).output.startswith("pip ")


def test_an_option_that_pip_does_not_know() -> None:
    said = IndexClients().run([*pip_command(), "install", "--nope", "--other"], timeout=60)
    assert said.unknown_option == "--nope"
    assert run("echo 'no such option: --nope' >&2; exit 2").unknown_option == "--nope"
    assert run("echo 'no such option: --nope' >&2").unknown_option is None
    assert run("echo 'found no such option: --nope' >&2; exit 2").unknown_option is None


def test_the_version_of_pip_is_its_own() -> None:
    said = IndexClients().run([*pip_command(), "--version"], timeout=60).output
    assert said.startswith(f"{pip_version()} from ")


def test_uv_is_found_next_to_this_python_or_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ClientMissing, match=r"^no uv next to this Python or on PATH$"):
        uv_program()
    for place in (tmp_path / "uv", python.with_name("uv")):
        place.write_text("#!/bin/sh\n")
        place.chmod(0o755)
        assert uv_program() == str(place)
