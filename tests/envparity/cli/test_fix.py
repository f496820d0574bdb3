"""Tests of the command `fix`, with real environments in which something went wrong, and real pip and uv."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fault_scenes import every_wheel, sound_scenes

from dev.evidence.faults.cases import FAULTS
from dev.evidence.faults.scene import Installer, Scene

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from envparity.__main__ import run; run()"
FEW = ("file-altered", "lock-version", "path-contested", "metadata-broken")
RUN_ELSEWHERE = {
    "path-hidden": "the variable of the person's shell must be unset there",
    "file-unreadable": "root can read every file",
}
CASES = [
    pytest.param(code, installer, marks=[] if code in FEW and installer == "uv" else [pytest.mark.slow])
    for code, fault in FAULTS.items()
    for installer in fault.installers
    if code not in RUN_ELSEWHERE and (installer == "uv" or code in FEW)
]


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with every wheel that a fault or its fix installs."""
    return every_wheel(tmp_path_factory.mktemp("wheels"))


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> dict[Installer, Scene]:
    """Return a sound environment of each installer. All tests share them, so no test may change one."""
    return sound_scenes(tmp_path_factory.mktemp("sound"), wheels)


@pytest.fixture
def scene(tmp_path: Path, wheels: Path, sound: dict[Installer, Scene]) -> Scene:
    return Scene(tmp_path / "scene", "uv", wheels, like=sound["uv"])


def start(scene: Scene, *words: str, **more: str) -> "subprocess.Popen[str]":
    lock = [] if scene.locked else ["--no-lock"]
    look = ["--bytecode"] if scene.look.bytecode else []
    look += ["--artefacts"] if scene.traced else []
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words, *lock, *look],
        cwd=scene.folder,
        env=scene.environ | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def envparity(scene: Scene, *words: str, **more: str) -> tuple[int, str, str]:
    running = start(scene, *words, **more)
    out, err = running.communicate(timeout=200)
    return running.returncode, out, err


def files(scene: Scene) -> dict[str, bytes]:
    found = sorted(path for path in scene.environment.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(scene.environment)): path.read_bytes() for path in found}


@pytest.mark.parametrize(("code", "installer"), CASES)
def test_one_run_repairs_a_fault(
    code: str, installer: Installer, tmp_path: Path, wheels: Path, sound: dict[Installer, Scene]
) -> None:
    scene = Scene(tmp_path / "scene", installer, wheels, like=sound[installer])
    FAULTS[code].make(scene)
    if scene.config is not None or scene.starter:
        pytest.skip("this fault needs settings that only its own test has")
    assert code in {one.code for one in scene.check().findings}
    status, out, err = envparity(scene, "fix", "--run", "--notes")
    assert status == 0, out + err
    assert code not in {one.code for one in scene.check().findings}
    assert not scene.check().errors
    assert [path.name for path in scene.folder.glob("*.before-fix")] == []


def test_several_faults_are_repaired_at_once(scene: Scene) -> None:
    scene.edit("idna/__init__.py", lambda text: text + "# edited\n")
    scene.uninstall("urllib3")
    (scene.site / "requests" / "__init__.py").unlink()
    status, out, err = envparity(scene, "fix")
    assert status == 0, err
    assert [line.split()[1] for line in out.splitlines() if line.startswith("# ") and line.endswith(")")]
    assert scene.check().errors
    status, out, err = envparity(scene, "fix", "--run")
    assert (status, out) == (0, "4 errors fixed, 0 left\n")
    assert not scene.check().errors


def test_the_printed_plan_is_a_script(scene: Scene) -> None:
    (scene.site / "requests" / "__init__.py").unlink()
    status, out, err = envparity(scene, "fix")
    assert (status, err) == (0, "")
    scene.run([out])
    assert not scene.check().errors


def test_a_sound_environment_needs_nothing(scene: Scene) -> None:
    before = files(scene)
    assert envparity(scene, "fix") == (0, "# nothing to fix\n", "")
    assert envparity(scene, "fix", "--run") == (0, "0 errors fixed, 0 left\n", "")
    assert files(scene) == before


def test_after_a_failed_command_the_environment_is_as_before(scene: Scene, tmp_path: Path) -> None:
    (scene.site / "requests" / "__init__.py").unlink()
    before = files(scene)
    empty = tmp_path / "empty"
    empty.mkdir()
    there = {"UV_FIND_LINKS": str(empty), "UV_CACHE_DIR": str(empty / "cache")}
    status, out, err = envparity(scene, "fix", "--run", **there)
    assert (status, out) == (2, "")
    assert err.splitlines()[-1].startswith("envparity: fix: expected uv pip install ")
    assert err.endswith("; the environment is as it was before\n")
    assert files(scene) == before


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 9))])
def test_a_repair_that_was_killed_is_completed_by_the_next(scene: Scene, seed: int) -> None:
    (scene.site / "requests" / "__init__.py").unlink()
    scene.edit("idna/__init__.py", lambda text: text + "# edited\n")
    running = start(scene, "fix", "--run")
    time.sleep(random.Random(seed).uniform(0.2, 4))  # noqa: S311 - the moment need not be secret
    os.kill(running.pid, signal.SIGKILL)
    running.communicate()
    status, out, err = envparity(scene, "fix", "--run")
    assert status == 0, out + err
    assert not scene.check().errors
    assert [path.name for path in scene.folder.glob("*.before-fix")] == []


def test_a_killed_restore_is_completed_although_the_environment_is_missing(scene: Scene) -> None:
    kept = scene.folder / ".venv.before-fix"
    kept.mkdir()
    (kept / "complete").touch()
    scene.environment.rename(kept / "environment")
    status, out, err = envparity(scene, "fix", "--run")
    assert (status, out) == (0, "0 errors fixed, 0 left\n")
    assert "an earlier repair was interrupted" in err


def test_without_run_an_unfinished_repair_is_one_line(scene: Scene) -> None:
    (scene.folder / ".venv.before-fix").mkdir()
    status, _, err = envparity(scene, "fix", ".venv")
    assert status == 2
    assert err.startswith("envparity: fix: expected no unfinished repair of ")
    assert err.endswith("; finish it with: envparity fix --run\n")


def test_a_failed_command_does_not_stop_the_others(scene: Scene) -> None:
    scene.locked = False
    (scene.site / "idna" / "__init__.py").unlink()
    scene.edit(
        "urllib3-2.2.0.dist-info/METADATA", lambda text: text.replace("\nVersion", "\nRequires-Dist: nowhere\nVersion")
    )
    status, out, err = envparity(scene, "fix", "--run")
    assert (status, out) == (0, "3 errors fixed, 0 left\n"), err
    assert "nowhere" not in err


def lose_python(scene: Scene) -> None:
    for path in (scene.environment / "bin").glob("python*"):
        path.unlink()
    (scene.environment / "bin" / "python").symlink_to(scene.folder / "gone" / "python")


def test_an_environment_whose_python_is_gone_is_made_again(scene: Scene) -> None:
    lose_python(scene)
    status, out, err = envparity(scene, "fix")
    assert (status, err) == (0, "")
    assert out.startswith("# Make the environment again with Python 3.")
    status, out, err = envparity(scene, "fix", "--run")
    assert (status, out) == (0, "1 error fixed, 0 left\n"), err
    assert not scene.check().errors


def test_if_the_environment_cannot_be_made_again_the_old_one_stays(scene: Scene, tmp_path: Path) -> None:
    lose_python(scene)
    before = files(scene)
    (tmp_path / "empty").mkdir()
    there = {"UV_FIND_LINKS": str(tmp_path / "empty"), "UV_CACHE_DIR": str(tmp_path / "cache")}
    status, _, err = envparity(scene, "fix", "--run", **there)
    assert status == 2
    assert err.endswith("; the environment is as it was before\n")
    assert files(scene) == before


def test_without_a_python_and_without_a_lock_it_is_one_line(scene: Scene) -> None:
    lose_python(scene)
    scene.locked = False
    status, out, err = envparity(scene, "fix", "--run")
    assert (status, out) == (2, "")
    assert err.startswith("envparity: fix: expected a lock for ")
    assert err.count("\n") == 1


def test_an_image_gets_lines_of_a_dockerfile_and_no_repair(scene: Scene, tmp_path: Path) -> None:
    (scene.site / "requests" / "__init__.py").unlink()
    shutil.rmtree(next(scene.site.glob("idna-*")))
    docker = tmp_path / "docker"
    docker.write_text(f'#!/bin/sh\nshift\nexec {scene.environment}/bin/python "$@"\n')
    docker.chmod(0o755)
    (scene.folder / "pyproject.toml").write_text(
        f'[tool.envparity]\nlocks = "requirements.txt"\n[tool.envparity.doors]\nimage = "{docker} run -I -S -"\n'
    )
    status, out, err = envparity(scene, "fix", "image")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert any(line.startswith("RUN uv pip install ") for line in lines)
    assert lines[:2] == [
        "# If a line of the Dockerfile causes a finding, correct that line. Otherwise add these lines at its end.",
        "# The image needs uv for them.",
    ]
    assert "uv cache" not in out
    copied = lines.index("COPY requirements.txt /tmp/")
    assert copied < next(number for number, line in enumerate(lines) if line.endswith("-r /tmp/requirements.txt"))
    status, out, err = envparity(scene, "fix", "--run", "image")
    assert (status, out) == (2, "")
    assert "fix --run: expected a virtual environment of this machine, found " in err
