"""Tests of a repair: the copy of the environment, and how an interrupted repair is put right."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from envparity.errors import EnvparityError
from envparity.fix.repair import Repair


@pytest.fixture
def repair(tmp_path: Path) -> Repair:
    environment = tmp_path / ".venv"
    site = environment / "lib" / "python3.11" / "site-packages"
    site.mkdir(parents=True)
    (environment / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (environment / "bin").mkdir()
    (environment / "bin" / "python").symlink_to("/nowhere/python")
    (site / "one.py").write_text("one\n")
    return Repair(environment)


def state(repair: Repair) -> dict[str, str]:
    files = sorted(path for path in repair.environment.rglob("*") if path.is_symlink() or path.is_file())
    return {
        str(path.relative_to(repair.environment)): path.readlink().name if path.is_symlink() else path.read_text()
        for path in files
    }


def change(repair: Repair) -> None:
    (repair.environment / "lib" / "python3.11" / "site-packages" / "one.py").write_text("two\n")
    (repair.environment / "more").write_text("more\n")


def test_the_environment_is_put_back(repair: Repair) -> None:
    before = state(repair)
    repair.keep()
    change(repair)
    repair.restore()
    assert state(repair) == before
    assert not repair.kept.exists()


def test_without_an_earlier_repair_nothing_is_recovered(repair: Repair) -> None:
    before = state(repair)
    assert not repair.recover()
    assert state(repair) == before


def test_a_repair_that_was_killed_while_commands_ran_is_undone(repair: Repair) -> None:
    before = state(repair)
    repair.keep()
    change(repair)
    assert Repair(repair.environment).recover()
    assert state(repair) == before
    assert not repair.kept.exists()


def test_half_a_copy_is_deleted_and_never_put_back(repair: Repair) -> None:
    repair.keep()
    (repair.kept / "complete").unlink()
    change(repair)
    before = state(repair)
    assert not Repair(repair.environment).recover()
    assert state(repair) == before
    assert not repair.kept.exists()


@pytest.mark.parametrize("killed", ["before the copy moved", "after the copy moved"])
def test_a_restore_that_was_killed_is_completed(repair: Repair, killed: str) -> None:
    before = state(repair)
    repair.keep()
    change(repair)
    repair.environment.rename(repair.kept / "torn")
    if killed == "after the copy moved":
        (repair.kept / "environment").rename(repair.environment)
    assert Repair(repair.environment).recover()
    assert state(repair) == before
    assert not repair.kept.exists()


def test_a_command_runs_in_the_folder(repair: Repair, tmp_path: Path) -> None:
    repair.run("echo a > said", tmp_path, 60)
    assert (tmp_path / "said").read_text() == "a\n"


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("echo 'E: no space' >&2; exit 3", "found status 3: E: no space"),
        ("exit 1", "found status 1: no message"),
        ("echo https://me:secret@example.org/ >&2; exit 1", "found status 1: https://example.org/"),
        ("sleep 60", "found: it did not end within 0.2 s"),
    ],
)
def test_a_failed_command_is_one_line(repair: Repair, tmp_path: Path, command: str, says: str) -> None:
    with pytest.raises(EnvparityError) as caught:
        repair.run(command, tmp_path, 0.2 if "sleep" in command else 60)
    assert str(caught.value).startswith("fix: expected ")
    assert str(caught.value).endswith(says)


def test_a_folder_that_is_no_virtual_environment_is_refused(repair: Repair) -> None:
    (repair.environment / "pyvenv.cfg").unlink()
    with pytest.raises(EnvparityError, match=r"expected a virtual environment, found none in .*Python of the system"):
        repair.refuse()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to every folder; run as another user")
def test_an_environment_of_another_user_is_refused(repair: Repair) -> None:
    repair.environment.chmod(0o555)
    with pytest.raises(EnvparityError, match=r"expected an environment that this user may change, found \S+\.venv, "):
        repair.refuse()
    repair.environment.chmod(0o755)


def test_the_files_that_a_repair_deletes_are_kept(repair: Repair, tmp_path: Path) -> None:
    mine, cached = repair.environment / "my notes.pth", repair.environment / "old.pyc"
    for round_ in ("first", "second"):
        mine.write_text(round_)
        cached.write_text("")
        repair.keep()
        command = f"rm -- {shlex.quote(str(mine))} {cached}"
        repair.run(command, tmp_path, 60)
        folder = repair.rescue(["pip uninstall -y alpha", command])
        repair.forget()
        assert folder is not None
        assert not mine.exists()
        assert [(one.name, one.read_text()) for one in folder.rglob("*") if one.is_file()] == [(mine.name, round_)]
    assert repair.rescue(["pip uninstall -y alpha"]) is None


def test_a_uv_next_to_envparity_is_found(repair: Repair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.defpath)
    repair.run("uv --version", tmp_path, 60)


def test_a_repair_below_uv_does_not_wait_for_the_lock_that_this_uv_holds(tmp_path: Path) -> None:
    """`uvx` and `uv run` lock uv's cache until their program ends, and `uv cache clean` waits for this lock."""
    uv = Path(sys.executable).with_name("uv")
    code = "from pathlib import Path; from envparity.fix.repair import Repair; "
    code += f"Repair(Path()).run('uv cache clean alpha', Path({str(tmp_path)!r}), 30)"
    done = subprocess.run(
        [uv, "run", "--no-project", "--offline", "--python", sys.executable, "--", sys.executable, "-c", code],
        env={
            **os.environ,
            "PATH": f"{uv.parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(Path(__file__).parents[3]),
            "UV_CACHE_DIR": str(tmp_path / "cache"),
            "UV_LOCK_TIMEOUT": "3",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
