"""Tests of envparity as a library, as docs/guides/use-as-a-library.md describes it."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from pathlib import Path
from threading import Thread

import pytest
from environment_builder import Environment
from judging import LOCK, fill

import envparity.api
from envparity.api import Choice, EnvparityError, Look, Report, Severity, check, compare, snapshot
from envparity.cli.main import main
from envparity.render.data import as_json

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guides" / "use-as-a-library.md"
LIBRARIES = next(path for path in sys.path if path.endswith("site-packages"))


@pytest.fixture
def project(sound: Environment, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder: a project with an environment `.venv`, in which beta.py was changed, and its lock."""
    folder = sound.folder.parent
    (folder / ".venv").symlink_to(sound.folder)
    (sound.site / "beta.py").write_text("changed\n")
    (folder / "requirements.txt").write_text(LOCK)
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "UV_PROJECT_ENVIRONMENT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(folder)
    return folder


def printed(capsysbinary: pytest.CaptureFixture[bytes], *arguments: str) -> str:
    main(arguments)
    return capsysbinary.readouterr().out.decode()


def test_the_functions_answer_what_the_commands_print(
    project: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    alone = check()
    assert (alone.status, [one.code for one in alone.errors]) == (1, ["file-altered"])
    assert as_json(alone) == printed(capsysbinary, "check", "--format", "json")
    named = check(project / ".venv", lock="requirements.txt")
    assert as_json(named) == printed(
        capsysbinary, "check", str(project / ".venv"), "--lock", "requirements.txt", "--format", "json"
    )
    both = compare(["one=.venv", "two=environment"], locked=False)
    assert as_json(both) == printed(
        capsysbinary, "compare", "one=.venv", "two=environment", "--no-lock", "--format", "json"
    )
    assert both.command == "compare"
    assert snapshot().by_name["beta"].version == "2.0"
    assert [one.name for one in snapshot(".venv", look=Look(behaviour=False)).distributions] == ["alpha", "beta"]


def test_a_project_elsewhere_is_named_by_its_folder(
    project: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    report = check(project=project)
    assert report.doors[0].lock == "requirements.txt"
    assert [one.code for one in report.errors] == ["file-altered"]
    assert "no lock" in (check(project=project, locked=False).chosen or "")


def test_a_path_is_never_a_door_of_the_project(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.envparity.doors]\nenvironment = "no-such-program"\n')
    with pytest.raises(EnvparityError, match="no-such-program"):
        check("environment")
    assert check(Path("environment"), locked=False).doors[0].name == "./environment"


def test_a_baseline_and_a_saved_snapshot(project: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    (project / "old.json").write_text(as_json(check(".venv")))
    assert check(".venv", baseline=project / "old.json").status == 0
    (project / "saved.json").write_text(printed(capsysbinary, "snapshot", ".venv"))
    assert snapshot("saved.json") == snapshot("saved.json")
    assert [one.severity for one in check("saved.json").errors] == [Severity.ERROR]


def test_the_results_are_frozen(project: Path) -> None:
    report = check(project / ".venv")
    with pytest.raises(FrozenInstanceError):
        report.track = "x"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        report.findings[0].message = "x"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        snapshot(".venv").level = "outside"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: check("nowhere"), "door: expected "),
        (lambda: check("a\0b"), "door: expected "),
        (lambda: check(".venv", lock="nowhere.txt"), "expected a lock"),
        (lambda: check(".venv", track="nine"), "expected no track"),
        (lambda: check(".venv", baseline="nowhere.json"), "--baseline: nowhere.json: expected a report"),
        (lambda: check(".venv", lock="requirements.txt", choice=Choice(groups=("dev",))), "expected group"),
        (lambda: check(project="nowhere"), "project: expected a folder"),
        (lambda: snapshot(project="a\0b"), "project: expected a folder"),
        (compare, "expected this machine to open at least two"),
        (lambda: compare([".venv", ".venv"]), "expected a different name"),
    ],
)
def test_only_envparity_errors_are_raised_and_nothing_is_printed(
    project: Path, capfd: pytest.CaptureFixture[str], call: Callable[[], object], said: str
) -> None:
    with pytest.raises(EnvparityError, match=said) as raised:
        call()
    assert "\n" not in str(raised.value)
    assert project.exists()
    assert capfd.readouterr() == ("", "")


def test_threads_may_check_at_the_same_time(project: Path) -> None:
    found: dict[int, Report] = {}
    threads = [Thread(target=lambda number=number: found.update({number: check(".venv")})) for number in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert project.exists()
    assert [one.status for one in found.values()] == [1, 1, 1]


def test_the_command_and_the_package_load_no_library() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import envparity; "
        "assert not {'msgspec', 'envparity.api', 'envparity.errors'} & sys.modules.keys(); "
        "import envparity.cli.main; assert not {'envparity.api', 'rich', 'jinja2'} & sys.modules.keys(); "
        "import envparity.api; assert not {'rich', 'jinja2', 'envparity.render'} & sys.modules.keys()"
    )
    # -I: PYTHONPATH and the current folder add nothing
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def program() -> str:
    """Return the program of the guide."""
    text: str = re.findall(r"(?s)```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"))[0]
    return text


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Return an environment with envparity in its site folder; a .pth file adds the libraries of these tests."""
    made = Environment(tmp_path_factory.mktemp("installed") / "environment")
    shutil.copytree(ROOT / "envparity", made.site / "envparity", ignore=shutil.ignore_patterns("__pycache__"))
    (made.site / "libraries.pth").write_text(f"{LIBRARIES}\n")
    return made


def test_the_program_of_the_guide_is_short_and_strictly_typed(installed: Environment, tmp_path: Path) -> None:
    assert len([line for line in program().splitlines() if line.strip()]) <= 15
    (tmp_path / "program.py").write_text(program())
    (tmp_path / "wrong.py").write_text("from envparity.api import check\nx: int = check('a').errors\ny: Nothing\n")
    mypy = [sys.executable, "-m", "mypy", "--strict", "--python-executable", str(installed.python)]
    command = [*mypy, "--cache-dir", str(tmp_path / "cache"), "--config-file", "", "program.py", "wrong.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=110)
    assert "program.py" not in done.stdout, done.stdout
    assert (
        'wrong.py:2: error: Incompatible types in assignment (expression has type "tuple[Finding, ...]"' in done.stdout
    )


def test_the_program_of_the_guide_prints_each_error(installed: Environment, project: Path) -> None:
    (project / "program.py").write_text(program())
    command = [str(installed.python), "program.py"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("requirements.txt:2: file-altered: beta 2.0: site/beta.py has sha256 ")
    assert done.stdout.count("\n") == 1
    (project / "requirements.txt").unlink()
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("no answer: ")


def test_every_public_name_is_there_and_documented() -> None:
    for name in envparity.api.__all__:
        assert getattr(envparity.api, name).__doc__, name
    guide = GUIDE.read_text(encoding="utf-8")
    assert all(f"`{name}`" in guide for name in ("snapshot", "check", "compare", "EnvparityError", "envparity.api"))
    fields = json.loads((ROOT / "envparity" / "schema" / "report.schema.json").read_text())["$defs"]["Report"]
    assert {"baseline", "lines", "lock", "plugins"} <= fields["properties"].keys()


def test_filled_environments_have_no_error(empty: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(empty)
    monkeypatch.chdir(empty.folder.parent)
    assert check(empty.folder, locked=False).status == 0
