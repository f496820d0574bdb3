"""Tests of plugins: distributions, installed next to envparity, that add lock formats and checks.

The plugin is that of docs/guides/use-as-a-library.md, built as a wheel and installed by uv.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from environment_builder import Environment
from jsonschema import Draft202012Validator
from progress_lines import quiet
from wheels import wheel_bytes

from envparity import installed_plugins
from envparity.installed_plugins import CHECKS, LOCKS, plugins, used_plugins

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guides" / "use-as-a-library.md").read_text(encoding="utf-8")
UV = Path(sys.executable).with_name("uv")
MODULE = re.findall(r"(?s)```python\n(.*?)```", GUIDE)[1]
(_SETTINGS,) = re.findall(r"(?s)```toml\n(.*?)```", GUIDE)
POINTS: dict[str, dict[str, str]] = tomllib.loads(_SETTINGS)["project"]["entry-points"]
LOCK = "alpha 1.0\nbeta 2.0\nunlicensed-gamma 1.0\n"


def install(folder: Path, module: str = MODULE, points: Mapping[str, Mapping[str, str]] = POINTS) -> None:
    """Build the wheel of a plugin, acme-parity 1.0, and install it into a folder with uv."""
    said = "".join(
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in each.items())
        for group, each in points.items()
    )
    files = {"acme_parity.py": module, "acme_parity-1.0.dist-info/entry_points.txt": said}
    wheel = folder.with_name(f"{folder.name}-wheels") / "acme_parity-1.0-py3-none-any.whl"
    wheel.parent.mkdir(exist_ok=True)
    wheel.write_bytes(wheel_bytes("acme-parity", "1.0", files))
    options = ("-q", "--offline", "--no-deps", "--no-cache", "--python", sys.executable)
    subprocess.run([UV, "pip", "install", *options, "--target", folder, wheel], check=True, capture_output=True)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a folder that envparity is installed in, without plugins."""
    folder = tmp_path / "home"
    shutil.copytree(ROOT / "envparity", folder / "envparity", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture
def project(sound: Environment) -> Path:
    """Return the folder of a project whose lock only the plugin reads, and whose environment has what it pins."""
    folder = sound.folder.parent
    sound.add("unlicensed-gamma")
    (folder / ".venv").symlink_to(sound.folder)
    (folder / "acme.lock").write_text(LOCK)
    (folder / "pyproject.toml").write_text("")
    return folder


def run(home: Path, project: Path, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    code = f"import sys; sys.path.insert(0, {str(home)!r}); from envparity.__main__ import run; run()"
    left = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "CONDA_PREFIX")}
    command = [sys.executable, "-c", code, *arguments]
    return quiet(
        subprocess.run(
            command, cwd=project, env=left | environ, capture_output=True, text=True, check=False, timeout=60
        )
    )


def test_a_wheel_adds_a_lock_format_and_a_check(home: Path, project: Path) -> None:
    install(home)
    done = run(home, project, "check", "--format", "json", "--report", "report.txt")
    assert (done.returncode, done.stderr) == (1, "")
    report = json.loads(done.stdout)
    (error,) = [one for one in report["findings"] if one["severity"] == "error"]
    assert (error["code"], error["message"]) == ("acme/no-licence", "unlicensed-gamma 1.0 names no licence")
    assert report["plugins"] == ["acme-parity 1.0"]
    assert report["doors"][0]["lock"] == "acme.lock"
    assert report["chosen"].endswith("compared with acme.lock (the nearest lock)")
    schema = json.loads((ROOT / "envparity" / "schema" / "report.schema.json").read_text())
    Draft202012Validator(schema).validate(report)
    text = (project / "report.txt").read_text()
    assert "\nwith the plugins of acme-parity 1.0, which must be trusted too\n" in text
    assert "\nerror acme/no-licence: a distribution without a licence\n" in text


def test_a_finding_of_a_plugin_can_be_explained_and_accepted(home: Path, project: Path) -> None:
    install(home)
    explained = run(home, project, "explain", "acme/no-licence")
    assert explained.returncode == 0
    assert "Our rules forbid distributions" in explained.stdout
    (project / "pyproject.toml").write_text(
        '[[tool.envparity.accept]]\ncode = "acme/no-licence"\npath = "site/unlicensed*"\nreason = "ours"\n'
    )
    done = run(home, project, "check", ".venv", "--lock", "acme.lock")
    assert (done.returncode, done.stderr) == (0, "")
    assert "accepted: ours" in done.stdout
    (project / "acme.lock").write_text(LOCK.replace("alpha 1.0", "alpha 1.1"))
    done = run(home, project, "check", ".venv", "--lock", "acme.lock", "--format", "github")
    assert "title=envparity lock-version::expected alpha 1.1 (acme.lock), found alpha 1.0" in done.stdout


def test_no_plugin_of_the_measured_environment_or_of_another_folder_is_loaded(
    home: Path, project: Path, sound: Environment
) -> None:
    spy = f'open({str(project / "ran")!r}, "w").close()\n' + MODULE
    install(sound.site, spy)
    install(project, spy)
    for environ in ({}, {"PYTHONPATH": str(sound.site)}):
        done = run(home, project, "check", ".venv", "--no-lock", "--format", "json", **environ)
        assert done.stderr == ""
        assert json.loads(done.stdout)["plugins"] == []
        assert "acme" not in {one["code"].partition("/")[0] for one in json.loads(done.stdout)["findings"]}
    assert not (project / "ran").exists()
    shutil.rmtree(project / "acme_parity-1.0.dist-info")
    (project / "acme_parity.py").unlink()


CHECK = 'yield subject.finding(NO_LICENCE, f"{one.label} names no licence", one)'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("from collections", "import no_such_module\nfrom collections", "found ModuleNotFoundError: No module named"),
        ("from collections", "raise SystemExit(0)\nfrom collections", "found SystemExit: 0"),
        (
            "FAMILY = Family(RULES, check)",
            "FAMILY = 3",
            "expected a Family at acme_parity:FAMILY, found a value of the type int",
        ),
        ("FAMILY = Family(RULES, check)", "", "found AttributeError"),
        ('"acme/no-licence"', '"lock-extra"', "expected each code once, in the form acme/word, found 'lock-extra'"),
        ('Rules("acme")', 'Rules("ownership")', "expected Rules('acme'), the name of the entry point"),
        (CHECK, "raise ValueError('first\\nsecond')", "found ValueError: first second"),
        (CHECK, "yield 'no finding'", "expected a Finding from acme_parity:FAMILY, found a value of the type str"),
        ('name == "acme.lock"', "1 / 0", "found ZeroDivisionError: division by zero"),
        (
            "return where_applying(",
            "return lambda _: ['x'] or where_applying(",
            "expected a Pin from acme_parity:FORMAT",
        ),
        ("line.split()", "line.split()[:1]", "found ValueError: not enough values"),
    ],
)
def test_a_broken_plugin_is_one_line_that_names_its_distribution(
    home: Path, project: Path, old: str, new: str, said: str
) -> None:
    assert old in MODULE
    install(home, MODULE.replace(old, new))
    done = run(home, project, "check", ".venv", "--lock", "acme.lock")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.match(r"envparity: plugin acme of acme-parity 1\.0 \(envparity\.(locks|checks)\): ", done.stderr)
    assert said in done.stderr
    assert done.stderr.endswith("; upgrade or uninstall acme-parity\n")
    assert done.stderr.count("\n") == 1


def test_a_snapshot_loads_no_plugin(home: Path, project: Path) -> None:
    install(home, "raise SystemExit('loaded')\n")
    done = run(home, project, "snapshot", ".venv")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_checkout_has_no_plugins() -> None:
    assert (plugins(LOCKS), plugins(CHECKS), used_plugins()) == ((), (), ())
    assert Path(installed_plugins.__file__).parent.parent == ROOT
