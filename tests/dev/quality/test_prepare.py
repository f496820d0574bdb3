"""Tests of `scripts/prepare`, which installs everything that `scripts/test --strict` needs, in order and once."""

import shutil
import subprocess
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.lockenv.project import Project
from dev.quality import prepare
from dev.quality.left_out import PROGRAMS


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the steps of the command instead of running them; return the list of their names."""
    done: list[str] = []

    def replace(name: str, answer: object, *which: str) -> None:
        def step(*arguments: object, **_: object) -> object:
            done.append(str(arguments[-1]) if which else name)
            return answer

        monkeypatch.setattr(prepare, name, step)

    for name in ("ensure_engine", "make_images", "check_owner", "ensure_nix"):
        replace(name, None)
    replace("build_peers", 0)
    replace("require_all", None, "programs")
    return done


def test_all_steps_run_in_order(steps: list[str]) -> None:
    assert prepare.main([]) == 0
    assert steps == [
        str(PROGRAMS),
        *("ensure_engine", "make_images", "check_owner", "ensure_nix", "build_peers"),
    ]


def test_a_missing_requirement_is_one_line(
    steps: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise CommandError("engine: expected Docker, found none")

    monkeypatch.setattr(prepare, "ensure_engine", fail)
    assert prepare.main([]) == 3
    assert capsys.readouterr().err == "scripts/prepare: engine: expected Docker, found none\n"
    assert len(steps) == 1


def test_a_debian_without_python_gets_python_first(project: Project, tmp_path: Path) -> None:
    """The fake apt-get records its arguments, and installs a fake Python that only prints its own arguments."""
    for name in ("dirname", "readlink", "id"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    installs = '#!/bin/sh\\necho started \\"\\$@\\"\\n'
    (tmp_path / "apt-get").write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n[ "$1" = update ] && exit\n'
        f'printf "{installs}" > {tmp_path}/python3.11\n/bin/chmod +x {tmp_path}/python3.11\n'
    )
    (tmp_path / "id").unlink()
    (tmp_path / "id").write_text("#!/bin/sh\necho 0\n")
    for name in ("apt-get", "id"):
        (tmp_path / name).chmod(0o755)
    # Copy the shell scripts that start a command, without the path /usr/bin/python3.11, so that they do not find the
    # Python of this machine.
    (tmp_path / "dev" / "command").mkdir(parents=True)
    (tmp_path / "scripts").mkdir()
    shutil.copy(project.root / "pyproject.toml", tmp_path)
    command = [f"dev/command/{name}" for name in ("python", "pythons", "start", "install-python")]
    for name in (*command, "scripts/prepare"):
        text = (project.root / name).read_text(encoding="utf-8").replace("/usr/bin/python$series:", "")
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    start: list[str | Path] = ["/bin/sh", tmp_path / "scripts" / "prepare"]
    done = subprocess.run(start, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("started -I ")
    assert done.stdout.endswith("/../__main__.py prepare\n")
    assert (tmp_path / "asked").read_text() == "update -qq\ninstall -y -qq python3.11 python3.11-venv\n"
