"""Tests of envparity in another project: installed by pip, and as pre-commit hook, pytest plugin and GitHub action."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from environment_builder import Environment
from judging import LOCK, fill
from packaging.requirements import Requirement
from progress_lines import quiet
from wheels import wheel_bytes

from dev.doors.sources import list_sources
from dev.lockenv.interpreter import find_interpreter
from dev.lockenv.project import Project, this_project
from envparity.cli.options import FORMATS
from envparity.errors import EnvparityError
from envparity.project.config import find_config
from envparity.pytest_plugin import TORN
from envparity.render.write import ENDINGS

pytestmark = pytest.mark.git
BASE = find_interpreter(this_project().toolchain).path
ROOT = this_project().root
UV = Path(sys.executable).with_name("uv")
DOCUMENT = ROOT / "docs" / "guides" / "use-in-your-project.md"
IN_CI = ROOT / "docs" / "guides" / "check-in-ci.md"
CONFIG = '[tool.envparity]\nlocks = "lock.txt"\n[tool.envparity.doors]\nvenv = "environment/bin/python"\n'
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_", "PYTHON"))}
EXPRESSION = re.compile(r"\$\{\{ (.*?) \}\}")


def run(*command: str | Path, cwd: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    return quiet(
        subprocess.run(command, cwd=cwd, env=CLEAN | environ, capture_output=True, text=True, check=False, timeout=110)
    )


def done_well(*command: str | Path, cwd: Path, **environ: str) -> str:
    done = run(*command, cwd=cwd, **environ)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a git repository with every file of this repository in its present state, even if not committed."""
    folder = tmp_path_factory.mktemp("checkout") / "py-libp2p-ping-test"
    for name in list_sources(ROOT):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    commit(folder)
    return folder


def commit(folder: Path) -> str:
    """Make a folder a git repository, commit all its files, and return the commit's hash."""
    git = ("git", "-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false")
    done_well("git", "init", "-q", cwd=folder)
    done_well("git", "add", "-A", cwd=folder)
    done_well(*git, "commit", "-q", "--no-verify", "-m", "all", cwd=folder)
    return done_well("git", "rev-parse", "HEAD", cwd=folder).strip()


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Return another project with an environment and its lock; it is not a git repository yet."""
    folder = tmp_path / "other"
    folder.mkdir()
    fill(Environment(folder / "environment"))
    (folder / "lock.txt").write_text(LOCK)
    (folder / "pyproject.toml").write_text(CONFIG)
    (folder / ".gitignore").write_text("environment\n")
    return folder


def tear(folder: Path) -> None:
    """Change an installed file of the project's environment."""
    (module,) = (folder / "environment").glob("lib/*/site-packages/beta.py")
    module.write_text("import gamma\n")


# The package that pip installs


def test_the_wheel_contains_only_envparity(checkout: Path, tmp_path: Path) -> None:
    build = ("-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index", "-w", tmp_path, checkout)
    done_well(sys.executable, *build, cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = archive.read("envparity-0.1.0.dist-info/METADATA").decode()
    installed = {name for name in names if not name.startswith(("envparity-0.1.0.dist-info/", "envparity-0.1.0.data/"))}
    listed = done_well("git", "ls-files", "envparity", cwd=checkout).split()
    assert installed == set(listed)
    needed = [line for line in metadata.splitlines() if line.startswith("Requires-Dist: ")]
    assert needed
    assert not any("libp2p" in line for line in needed)
    assert done_well("git", "status", "--porcelain", cwd=checkout) == ""


def test_the_requirements_are_the_imported_distributions(project: Project) -> None:
    imported: set[str] = set()
    for path in (project.root / "envparity").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {one.name.partition(".")[0] for one in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").partition(".")[0])
    foreign = imported - set(sys.stdlib_module_names) - {"envparity", "pytest"}
    required = tomllib.loads((project.root / "pyproject.toml").read_text())["project"]["dependencies"]
    assert foreign == {Requirement(one).name for one in required}


@pytest.mark.network
def test_pip_installs_the_plugin_into_another_suite(checkout: Path, tmp_path: Path) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    done_well(BASE, "-I", "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    done_well(python, "-m", "pip", "install", "-q", checkout, "pytest", cwd=tmp_path)
    (tmp_path / "test_it.py").write_text("def test_it() -> None:\n    pass\n")
    done = run(python, "-m", "pytest", "-q", "--envparity", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    heavy = "import sys, pytest; pytest.main(['-q', '-p', 'no:cacheprovider']); assert 'msgspec' not in sys.modules"
    done_well(python, "-c", heavy, cwd=tmp_path)
    done_well(tmp_path / "venv" / "bin" / "envparity", "check", "venv", "--report", "all.html", cwd=tmp_path)
    assert (tmp_path / "all.html").read_text().startswith("<!doctype html>")
    # Simulate an older distribution that was installed later and overwrote a file.
    (site,) = (tmp_path / "venv" / "lib").glob("*/site-packages")
    (site / "iniconfig" / "__init__.py").write_text((site / "iniconfig" / "__init__.py").read_text() + "# altered\n")
    done = run(python, "-m", "pytest", "-q", "--envparity", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (TORN, "")
    assert "site/iniconfig/__init__.py" in done.stderr


# The pre-commit hook


@pytest.mark.network
@pytest.mark.timeout(300)
def test_the_hook_works_in_another_repository(checkout: Path, other: Path, tmp_path: Path) -> None:
    commit(other)
    environ = {"PRE_COMMIT_HOME": str(tmp_path / "pre-commit")}
    pre_commit = (sys.executable, "-m", "pre_commit")
    done = run(*pre_commit, "try-repo", checkout, "envparity", cwd=other, **environ)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"envparity\.+Passed", done.stdout)
    # Configure the hook with arguments, as the document shows.
    (block,) = re.findall(r"(?s)```yaml\n(repos:.*?)```", DOCUMENT.read_text())
    rev = done_well("git", "rev-parse", "HEAD", cwd=checkout).strip()
    settings = block.replace("URL of this repository", str(checkout)).replace("COMMIT", rev)
    settings = settings.replace(".venv", "environment").replace("requirements.txt", "lock.txt")
    (other / ".pre-commit-config.yaml").write_text(settings)
    done_well("git", "add", "-A", cwd=other)
    assert "Passed" in done_well(*pre_commit, "run", cwd=other, **environ)
    tear(other)
    done = run(*pre_commit, "run", cwd=other, **environ)
    assert done.returncode == 1
    assert "error file-altered" in done.stdout
    assert "site/beta.py" in done.stdout
    (other / "lock.txt").unlink()
    done_well("git", "add", "-A", cwd=other)
    done = run(*pre_commit, "run", cwd=other, **environ)
    assert done.returncode == 1
    assert "- exit code: 2" in done.stdout


# The GitHub action


def action() -> dict[str, Any]:
    found = yaml.safe_load((ROOT / "action.yml").read_text())
    assert isinstance(found, dict)
    return found


class Runner:
    """A simulated runner of GitHub's workflows, which runs the steps of `action.yml`.

    It starts the shell of each step as GitHub does, with the same variables and files.
    """

    def __init__(self, checkout: Path, folder: Path, path: str = os.environ["PATH"]) -> None:
        self.folder = folder
        self._path = path
        self.temporary = folder.parent / "runner"
        self.temporary.mkdir()
        self._contexts = {"github.action_path": str(checkout), "runner.temp": str(self.temporary)}
        self.summary = self.temporary / "summary.md"
        self.output = self.temporary / "output"

    def steps(self, given: dict[str, str], *ids: int) -> "subprocess.CompletedProcess[str]":
        """Run the steps with the numbers `ids` up to the first failure; return the result of the last step that ran.

        `given` has the inputs of the action whose values are not the defaults.
        """
        inputs = {name: one["default"] for name, one in action()["inputs"].items()} | given
        assert set(inputs) == set(action()["inputs"])
        values = self._contexts | {f"inputs.{name}": value for name, value in inputs.items()}
        self.summary.write_text("")
        self.output.write_text("")
        for number in ids:
            step = action()["runs"]["steps"][number]
            assert step["shell"] == "bash"
            script = self.temporary / "step.sh"
            script.write_text(step["run"])
            environ = {name: _filled(text, values) for name, text in step["env"].items()}
            files = {"GITHUB_STEP_SUMMARY": str(self.summary), "GITHUB_OUTPUT": str(self.output)}
            where = self.folder / _filled(step.get("working-directory", "."), values)
            shell = ("bash", "--noprofile", "--norc", "-eo", "pipefail", script)
            done = run(*shell, cwd=where, PATH=self._path, **environ, **files)
            if done.returncode != 0:
                break
        return done


def _filled(text: str, values: Mapping[str, str]) -> str:
    return EXPRESSION.sub(lambda found: values[found[1]], text)


def test_no_input_is_in_the_text_of_a_shell() -> None:
    for step in action()["runs"]["steps"]:
        assert "${{" not in step["run"]


@pytest.fixture
def runner(checkout: Path, other: Path) -> Runner:
    """Return a runner on which envparity is already installed: the checkout's envparity, with the tests' Python."""
    made = Runner(checkout, other)
    home = made.temporary / "envparity" / "bin"
    home.mkdir(parents=True)
    code = f"import sys; sys.path.insert(0, {str(checkout)!r}); from envparity.__main__ import run; run()"
    (home / "envparity").write_text(f'#!/bin/sh\nexec {sys.executable} -I -c "{code}" "$@"\n')
    (home / "envparity").chmod(0o755)
    return made


@pytest.mark.network
@pytest.mark.timeout(300)
def test_the_whole_action_passes(checkout: Path, other: Path) -> None:
    runner = Runner(checkout, other)
    done = runner.steps({"python": str(BASE), "report": "all.sarif\nall.html\n"}, 0, 1)
    assert (done.returncode, done.stderr) == (0, "")
    assert "pass: 0 errors" in done.stdout
    assert runner.summary.read_text().startswith("## envparity: pass")
    assert runner.output.read_text() == "status=0\n"
    assert json.loads((other / "all.sarif").read_text())["version"] == "2.1.0"
    assert (other / "all.html").exists()
    assert done_well("git", "status", "--porcelain", cwd=checkout) == ""


def test_a_torn_environment_fails_the_step_and_is_in_the_summary(runner: Runner) -> None:
    tear(runner.folder)
    done = runner.steps({"door": "environment", "report": "all.sarif"}, 1)
    assert (done.returncode, done.stderr) == (1, "")
    assert "file-altered" in runner.summary.read_text()
    assert runner.output.read_text() == "status=1\n"
    results = json.loads((runner.folder / "all.sarif").read_text())["runs"][0]["results"]
    assert [one["ruleId"] for one in results if one["level"] == "error"] == ["file-altered"]


def test_the_log_of_the_step_is_closed_to_commands(runner: Runner) -> None:
    tear(runner.folder)
    site = next((runner.folder / "environment").glob("lib/*/site-packages"))
    (site / "::set-env name=x::y.py").write_text("")
    lines = runner.steps({}, 1).stdout.splitlines()
    token = lines[0].removeprefix("::stop-commands::")
    assert re.fullmatch("[0-9a-f]{32}", token)
    end = lines.index(f"::{token}::")
    assert any("set-env" in line for line in lines[1:end])
    assert "fail: " in lines[end - 1]
    assert all(line.startswith(("::error ", "::notice ", "envparity: ")) for line in lines[end + 1 :])
    assert any(line.startswith("::error file=lock.txt,line=2,title=envparity file-altered::") for line in lines)
    assert token not in runner.steps({}, 1).stdout


def test_a_baseline_lets_old_errors_pass(runner: Runner) -> None:
    tear(runner.folder)
    assert runner.steps({"report": "old.json"}, 1).returncode == 1
    done = runner.steps({"baseline": "old.json"}, 1)
    assert (done.returncode, done.stderr) == (0, "")
    assert "::error" not in done.stdout
    assert "1 known" in runner.summary.read_text()
    (next((runner.folder / "environment").glob("lib/*/site-packages")) / "alpha" / "core.py").write_text("new\n")
    assert runner.steps({"baseline": "old.json"}, 1).returncode == 1
    assert runner.steps({"baseline": "missing.json"}, 1).returncode == 2


@pytest.fixture
def uv_project(tmp_path: Path) -> Path:
    """Return the folder `shop` of a repository: a project of uv with uv.lock, .venv and no settings of envparity."""
    folder = tmp_path / "repository" / "shop"
    folder.mkdir(parents=True)
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for name, requires in (("alpha", ("beta",)), ("beta", ())):
        (wheels / f"{name}-1.0-py3-none-any.whl").write_bytes(wheel_bytes(name, "1.0", requires=requires))
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "shop"\nversion = "0.1"\nrequires-python = ">=3.11"\ndependencies = ["alpha"]\n'
    )
    environ = {"UV_OFFLINE": "1", "UV_NO_INDEX": "1", "UV_FIND_LINKS": str(wheels), "UV_PYTHON": str(BASE)}
    done_well(UV, "sync", "-q", cwd=folder, **environ)
    done_well("git", "init", "-q", cwd=folder.parent)
    return folder


def annotated(done: "subprocess.CompletedProcess[str]") -> list[str]:
    return [line for line in done.stdout.splitlines() if line.startswith("::error")]


@pytest.mark.network
@pytest.mark.timeout(300)
def test_every_step_of_the_action_works_in_a_uv_project_without_inputs(checkout: Path, uv_project: Path) -> None:
    (uv_project.parent / "bin").mkdir()
    (uv_project.parent / "bin" / "python3").symlink_to(BASE)
    runner = Runner(checkout, uv_project, f"{uv_project.parent / 'bin'}{os.pathsep}{os.environ['PATH']}")
    done = runner.steps({}, 0, 1)
    assert (done.returncode, done.stderr) == (0, "")
    assert "checking .venv (the nearest environment), compared with uv.lock (the nearest lock)" in done.stdout
    assert annotated(done) == []
    assert runner.summary.read_text().startswith("## envparity: pass")
    (module,) = uv_project.glob(".venv/lib/*/site-packages/beta.py")
    module.unlink()  # the file may be a hard link into uv's cache
    module.write_text("changed\n")
    done = runner.steps({}, 1)
    assert (done.returncode, done.stderr) == (1, "")
    lines = (uv_project / "uv.lock").read_text().splitlines()
    line = lines.index('name = "beta"') + 1
    (error,) = annotated(done)
    assert error.startswith(
        f"::error file=shop/uv.lock,line={line},title=envparity file-altered::beta 1.0: site/beta.py"
    )
    assert "file-altered" in runner.summary.read_text()
    assert runner.output.read_text() == "status=1\n"


def test_the_inputs_reach_the_check(runner: Runner) -> None:
    (runner.folder / "two.txt").write_text(LOCK.replace("alpha==1.0", "alpha==1.1"))
    assert runner.steps({"lock": "two.txt"}, 1).returncode == 1
    assert "two.txt" in runner.summary.read_text()
    assert runner.steps({"lock": "none"}, 1).returncode == 0
    assert "no lock" in runner.summary.read_text()
    assert runner.steps({"track": "nine"}, 1).returncode == 2
    (runner.folder.parent / "elsewhere").mkdir()
    done = runner.steps({"working-directory": "../elsewhere", "door": "../other/environment", "lock": "none"}, 1)
    assert done.returncode == 0, done.stderr


def test_an_unknown_answer_is_reported_in_the_summary(runner: Runner) -> None:
    done = runner.steps({"door": "nowhere"}, 1)
    assert done.returncode == 2
    assert done.stderr.startswith("envparity: door: expected a door of pyproject.toml (venv")
    said = "envparity could not find the answer. The log of this step has the reason.\n"
    assert runner.summary.read_text() == said
    assert runner.output.read_text() == "status=2\n"


@pytest.mark.parametrize("name", ["door", "track", "lock", "report"])
@pytest.mark.parametrize(
    "text", ["$(touch pwned)", "`touch pwned`", '"; touch pwned; "', "'; touch pwned; '", "--help"]
)
def test_no_input_is_run_as_a_command(runner: Runner, name: str, text: str) -> None:
    done = runner.steps({name: text}, 1)
    assert done.returncode == 2
    assert done.stderr.startswith("envparity: ")
    assert not (runner.folder / "pwned").exists()


def test_a_python_that_is_too_old_is_one_line(checkout: Path, other: Path, tmp_path: Path) -> None:
    old = tmp_path / "old python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = Runner(checkout, other).steps({"python": str(old)}, 0, 1)
    assert done.returncode == 2
    assert done.stderr.startswith("envparity: python: expected a Python of 3.11 or later, found: ")
    assert done.stderr.count("\n") == 1


# The document


def shown() -> list[tuple[str, list[str]]]:
    """Return each command in the document, and the lines of output that the document shows."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"(?s)```console\n(.*?)```", DOCUMENT.read_text()):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


@pytest.mark.network
@pytest.mark.timeout(300)
def test_the_commands_of_the_document_print_the_shown_output(checkout: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "webshop", tmp_path / "webshop")
    (tmp_path / "py-libp2p-ping-test").symlink_to(checkout)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").symlink_to(BASE)
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    statuses: list[int] = []
    for command, lines in shown():
        done = run("bash", "-c", command, cwd=tmp_path / "webshop", PATH=path)
        assert done.stderr == "", (command, done.stderr)
        absent = [line for line in lines if line.removesuffix("…") not in done.stdout]
        assert absent == [], f"{command}\n{done.stdout}"
        statuses.append(done.returncode)
    assert statuses == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]


def test_the_shown_settings_are_valid(tmp_path: Path) -> None:
    (block,) = re.findall(r"(?s)```toml\n(.*?)```", DOCUMENT.read_text())
    folder, sound = tmp_path, fill(Environment(tmp_path / "environment"))
    (folder / "pyproject.toml").write_text(block)
    (folder / "requirements.txt").write_text(LOCK + "pyjwt==2.0\n")
    (folder / ".venv").symlink_to(sound.folder)
    stub = "def encode(*_):\n    return ''\n\ndef get_unverified_header(_):\n    return {'typ': 'JWT'}\n"
    sound.add("PyJWT", "2.0", {"jwt.py": stub})
    sound.add("pip", "25.0")
    sound.add("ipdb", "0.13")
    command = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from envparity.__main__ import run; run()"
    done = run(sys.executable, "-c", command, "check", "--format", "json", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    found = [(one["code"], one["distributions"], one["accepted"]) for one in report["findings"]]
    assert found == [("lock-extra", ["ipdb"], "a developer may install a debugger")]
    assert report["doors"][0]["lock"] == "requirements.txt"


def test_every_key_of_a_project_is_in_the_document(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.envparity]\nsurprise = 1\n")
    with pytest.raises(EnvparityError) as caught:
        find_config(tmp_path)
    keys = str(caught.value).partition("expected only the fields ")[2].partition(", found")[0].split(", ")
    assert "probes" in keys
    for key in keys:
        assert re.search(rf"(?m)(^|`){key} = |\[tool\.envparity\.{key}\b", DOCUMENT.read_text()), key


def test_the_documented_keys_for_tools_work(tmp_path: Path) -> None:
    text = DOCUMENT.read_text()
    parts = {key: re.findall(rf"`({key} = [^`]*)`", text) for key in ("toolchain", "versions", "differ")}
    parts |= {key: re.findall(rf"`({key} = [^`]*)`", text) for key in ("command", "pattern", "input")}
    one = {key: found[0] for key, found in parts.items()}
    own = f"[tool.envparity]\n{one['toolchain']}\n[tool.envparity.probes.ninja]\n"
    (tmp_path / "pyproject.toml").write_text(own + "\n".join(one[key] for key in ("command", "pattern", "input")))
    (tmp_path / "tools.toml").write_text(f"[expect.compiler]\n{one['versions']}\n{one['differ']}\n")
    found = find_config(tmp_path)
    assert found.tools["compiler"].allows("12.2")
    assert not found.tools["compiler"].allows("11.2")
    assert found.probes["ninja"]["command"] == ["ninja", "--version"]


def test_a_fresh_venv_has_no_error(tmp_path: Path) -> None:
    (block,) = re.findall(r"(?s)```toml\n(.*?)```", DOCUMENT.read_text())
    (tmp_path / "pyproject.toml").write_text(block)
    (tmp_path / "requirements.txt").write_text("")
    done_well(BASE, "-I", "-m", "venv", ".venv", cwd=tmp_path)
    command = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from envparity.__main__ import run; run()"
    done = run(sys.executable, "-c", command, "check", "--no-behaviour", "--format", "json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert not any(one["severity"] == "error" for one in json.loads(done.stdout)["findings"])


def test_the_shown_inputs_are_the_inputs_of_the_action() -> None:
    blocks = [yaml.safe_load(one) for one in re.findall(r"(?s)```yaml\n(- (?:run|uses):.*?)```", IN_CI.read_text())]
    steps = [step for block in blocks for step in block if "uses" in step]
    assert [set(step.get("with", {})) for step in steps] == [set(), set(action()["inputs"])]


def test_the_shown_formats_are_all_formats() -> None:
    rows = re.findall(r"(?m)^\| (`[a-z`, ]+`) \| (.*?) \|", IN_CI.read_text())
    formats = [one for row, _ in rows for one in re.findall("[a-z]+", row)]
    assert sorted(formats) == sorted(FORMATS)
    assert {one for _, row in rows for one in re.findall(r"\.[a-z.]+", row)} == set(ENDINGS)


def test_the_commands_of_a_baseline_work_as_shown(other: Path) -> None:
    (block,) = re.findall(r"(?s)```console\n(.*?)```", IN_CI.read_text())
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from envparity.__main__ import run; run()"
    tear(other)
    commands = [line.removeprefix("$ envparity ").split() for line in block.splitlines()]
    assert [run(sys.executable, "-c", code, *words, cwd=other).returncode for words in commands] == [1, 0]


def test_the_job_of_gitlab_runs_the_check_as_shown(other: Path) -> None:
    (block,) = re.findall(r"(?s)```yaml\n(envparity:.*?)```", IN_CI.read_text())
    job = yaml.safe_load(block)["envparity"]
    words = job["script"][1].partition(" envparity ")[2].split()
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from envparity.__main__ import run; run()"
    tear(other)
    assert run(sys.executable, "-c", code, *words, cwd=other).returncode == 1
    (entry,) = json.loads((other / job["artifacts"]["reports"]["codequality"]).read_text())
    assert entry["check_name"] == "file-altered"
    assert b"<failure" in (other / job["artifacts"]["reports"]["junit"]).read_bytes()


def test_the_plugins_status_is_documented() -> None:
    assert f"| {TORN} | errors were found" in DOCUMENT.read_text()
