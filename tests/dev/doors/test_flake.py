"""Tests of the shells, apps and checks of flake.nix, which need no network after a shell was entered once.

Each shell has the environment of one track, a pinned version of libp2p such as v0.4.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from compared import compare
from cputime import less_cpu_time_than

from dev.doors.nix import Nix
from dev.doors.offline.nix import unpack_nix
from dev.doors.offline.nixpkgs import systems_of, write_standin
from dev.evidence.onterminal import on_terminal
from dev.lockenv.project import Project

pytestmark = [pytest.mark.slow, pytest.mark.nix, pytest.mark.timeout(400)]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def home(project: Project) -> Path:
    return project.root / ".nix-environments"


@pytest.mark.parametrize("track", ["v0.4", "v0.8"])
def test_a_ping_passes_in_the_shell_of_each_track(entered: Run, track: str) -> None:
    shell = f".#{track.replace('.', '_')}"
    done = entered("develop", shell, "--command", "scripts/ping", "--track", track, offline=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("latency:\n")


def test_a_ping_passes_as_an_app(entered: Run) -> None:
    for app in (".#ping", "."):
        done = entered("run", app, offline=True)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("latency:\n")


def test_an_app_passes_its_arguments_on(entered: Run, tmp_path: Path) -> None:
    done = entered("run", ".#ping", "--", "--track", "v9", offline=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert "invalid choice: 'v9'" in done.stderr
    done = entered("run", ".#parity", "--", "venv", "--report", str(tmp_path / "report.html"), offline=True)
    assert done.returncode == 0, done.stderr
    done = entered("run", ".#test", "--", "tests/dev/lockenv/test_lockfile.py", "-q")
    assert done.returncode == 0, done.stderr
    assert " passed" in done.stdout


def test_the_checks_pass(entered: Run) -> None:
    done = entered("flake", "check", offline=True)
    assert done.returncode == 0, done.stderr
    done = entered("flake", "check", "--all-systems", "--no-build", offline=True)
    assert done.returncode == 0, done.stderr


def test_the_flake_lock_fits_the_flake(project: Project, entered: Run) -> None:
    before = (project.root / "flake.lock").read_bytes()
    done = entered("flake", "lock", "--no-update-lock-file", offline=True)
    assert done.returncode == 0, done.stderr
    assert (project.root / "flake.lock").read_bytes() == before


def test_each_track_has_its_shell_on_each_system(project: Project, entered: Run) -> None:
    done = entered("flake", "show", "--json", "--all-systems", offline=True)
    assert done.returncode == 0, done.stderr
    outputs = json.loads(done.stdout)
    shells = {track.replace(".", "_").replace("-", "_") for track in project.tracks} | {"default"}
    systems = set(systems_of(project))
    assert {system: set(found) for system, found in outputs["devShells"].items()} == dict.fromkeys(systems, shells)
    assert set(outputs["apps"]["x86_64-linux"]) == {"default", "ping", "test", "parity"}
    assert set(outputs["formatter"]) == systems


def test_the_stand_in_refuses_the_system_that_nixpkgs_dropped(project: Project, entered: Run, tmp_path: Path) -> None:
    write_standin(project, tmp_path)
    done = entered("eval", f"path:{tmp_path}#legacyPackages.x86_64-darwin", offline=True)
    assert done.returncode != 0
    assert "expected another system, found x86_64-darwin" in done.stderr


def test_the_tracks_python_reads_its_program(project: Project, entered: Run) -> None:
    program = "import sys, libp2p; print(sys.prefix)"
    done = entered("develop", ".#v0_8", "--command", "python", "-I", "-", stdin=program, offline=True)
    assert (done.returncode, done.stdout) == (0, f"{home(project)}/.venv-v0.8\n")


def test_the_shell_sets_the_variables_of_lockenv(project: Project, entered: Run) -> None:
    script = (
        'echo "${CC-unset} ${PYTHONPATH-unset} ${PYTHONHASHSEED-unset}'
        ' $UV_PYTHON_DOWNLOADS $LOCKENV_HOME $LOCKENV_ROOT";'
        "for name in cc cmake git pkg-config python3.11 redis-server uv; do command -v $name; done; command -v python"
    )
    variables = {"PYTHONPATH": "/elsewhere", "PYTHONHASHSEED": "1"}
    done = entered("develop", "--command", "sh", "-c", script, cwd=project.root / "docs", offline=True, **variables)
    assert done.returncode == 0, done.stderr
    first, *programs, python = done.stdout.splitlines()
    assert first == f"unset unset unset never {home(project)} {project.root}"
    assert len(programs) == 7
    assert python == f"{home(project)}/.venv-v0.4/bin/python"


def test_a_second_entry_is_fast(entered: Run) -> None:
    entered("develop", "--command", "true", offline=True)
    with less_cpu_time_than(2):
        assert entered("develop", "--command", "true", offline=True).returncode == 0


@pytest.mark.parametrize("track", ["v0.4", "v0.8"])
@pytest.mark.usefixtures("entered")
def test_the_nix_environment_equals_the_venv(project: Project, track: str) -> None:
    found = compare(project, "venv", "nix", "--track", track)
    assert (found.status, found.complaints, found.errors) == (0, "", [])
    assert found.doors == ["venv", "nix"]


def last_line(done: "subprocess.CompletedProcess[str]") -> str:
    """Check that a shell ended before it ran its command; return the last line on its standard error."""
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr.splitlines()[-1]


def test_outside_of_a_checkout_the_shell_ends_with_one_line(project: Project, entered: Run, tmp_path: Path) -> None:
    done = entered("develop", str(project.root), "--command", "echo", "here", cwd=tmp_path)
    assert last_line(done) == (
        f"nix: expected a checkout of py-libp2p-ping-test around {tmp_path}, found none; change into a checkout"
    )


@pytest.mark.parametrize("command", [["develop", "--command", "echo", "here"], ["run", ".#ping"]])
def test_without_its_environment_there_is_no_shell(entered: Run, command: list[str], tmp_path: Path) -> None:
    done = entered(*command, LIBP2P_SOURCE=str(tmp_path))
    assert last_line(done).startswith("nix: LIBP2P_SOURCE: expected git+https://…@COMMIT or the path of a py-libp2p")


@pytest.mark.usefixtures("entered")
def test_an_interactive_shell_ends_if_its_environment_cannot_be_made(project: Project, nix: Nix) -> None:
    environ = os.environ | {"LIBP2P_SOURCE": "/nowhere"}
    status, said = on_terminal([nix.program, "develop"], cwd=project.root, environ=environ)
    assert status == 1
    assert "nix: LIBP2P_SOURCE: expected " in said


def test_without_a_network_the_first_entry_fails_in_one_line(entered: Run, copy: Path, tmp_path: Path) -> None:
    caches = {"XDG_CACHE_HOME": str(tmp_path / "caches"), "UV_CACHE_DIR": str(tmp_path / "uv")}
    done = entered("develop", "--command", "echo", "here", cwd=copy, offline=True, **caches)
    assert last_line(done).startswith("nix: installing v0.4.txt: uv ended with status ")


@pytest.mark.network
def test_a_copy_of_the_checkout_and_an_incomplete_environment_work(entered: Run, copy: Path, tmp_path: Path) -> None:
    own = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "uv"
    caches = {
        "XDG_CACHE_HOME": str(tmp_path / "caches"),
        "UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR") or str(own),
    }
    before = sorted(path for path in copy.rglob("*") if "__pycache__" not in path.parts)
    done = entered("develop", "--command", "scripts/ping", cwd=copy, **caches)
    assert done.returncode == 0, done.stderr
    # The shell has put no file into the folder. Nix would copy the file into its store at each entry, because the
    # folder is not a git checkout.
    assert sorted(path for path in copy.rglob("*") if "__pycache__" not in path.parts) == before
    (environment,) = (tmp_path / "caches" / "py-libp2p-ping-test").glob("*/.venv-v0.4")
    stamp = environment / "pyvenv.cfg"
    lines = stamp.read_text().splitlines(keepends=True)
    stamp.write_text("".join(line for line in lines if not line.startswith("lockenv")))
    shutil.rmtree(next(environment.glob("lib/python*/site-packages/libp2p")))
    done = entered("develop", "--command", "python", "-c", "import libp2p; print(libp2p.__file__)", cwd=copy, **caches)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(environment))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the owner of a checkout; run as root")
def test_a_dirty_checkout_of_another_user_works(entered: Run, copy: Path, tmp_path: Path) -> None:
    for command in (["init", "-q"], ["add", "--all"]):
        subprocess.run(["git", *command], cwd=copy, check=True)
    subprocess.run(["chown", "-R", "65534", copy], check=True)
    home_of_nobody = {"HOME": str(tmp_path)}
    done = entered("flake", "show", cwd=copy, **home_of_nobody)
    assert done.returncode == 1
    assert "is not owned by current user" in done.stderr
    told = ["git", "config", "--global", "--add", "safe.directory", str(copy)]
    subprocess.run(told, env=os.environ | home_of_nobody, check=True)
    (copy / "README.md").write_text("changed\n")
    done = entered("flake", "show", cwd=copy, **home_of_nobody)
    assert done.returncode == 0, done.stderr


@pytest.mark.network
@pytest.mark.skipif(shutil.which("apt-get") is None, reason="the stand-in is made of Debian's packages; run on Debian")
def test_a_nix_that_is_too_old_is_one_line(project: Project, tmp_path: Path) -> None:
    old = tmp_path / "old"
    nix = unpack_nix(old, "bookworm")
    libraries = [nix.parent.parent / "lib" / "nix", *old.glob("lib/*-linux-gnu"), *old.glob("usr/lib/*-linux-gnu")]
    environ = os.environ | {
        "HOME": str(tmp_path),
        "LD_LIBRARY_PATH": ":".join(map(str, libraries)),
        "NIX_CONFIG": "experimental-features = nix-command flakes\nsubstituters =\nflake-registry =\nsandbox = false",
        **{f"NIX_{name}_DIR": str(tmp_path / name) for name in ("STORE", "STATE", "LOG")},
    }
    command = [str(nix), "develop", "--command", "echo", "here"]
    done = subprocess.run(command, cwd=project.root, env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "error: flake.nix: expected Nix 2.18 or later, found 2.8.0; upgrade it, or on Debian: scripts/nix" in (
        done.stderr.splitlines()
    )
