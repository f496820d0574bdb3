"""Tests of the answers of the real tools, with locks that the tests write."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from dev.quality.locks.compare import Result, compare
from dev.quality.locks.exports import export_of
from dev.quality.locks.target import TARGETS
from dev.quality.locks.toolbox import Toolbox, ToolError

LINUX, MACOS, WINDOWS = TARGETS
ALPHA = 'name = "alpha"\nversion = "1.0"\n'
WHEEL = "alpha-1.0-py3-none-any.whl"
DIGEST = "sha256:" + "a" * 64
PROJECT = '[project]\nname = "shop"\nversion = "1.0"\nrequires-python = ">=3.11"\ndependencies = ["alpha"]\n'

UV = f"""\
version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
{ALPHA}source = {{ registry = "https://example.com/simple" }}
wheels = [{{ url = "https://example.com/{WHEEL}", hash = "{DIGEST}" }}]

[[package]]
name = "beta"
version = "2.0"
source = {{ registry = "https://example.com/simple" }}
sdist = {{ url = "https://example.com/beta-2.0.tar.gz", hash = "{DIGEST}" }}

[[package]]
name = "shop"
version = "1.0"
source = {{ virtual = "." }}
dependencies = [{{ name = "alpha", marker = "sys_platform != 'win32'" }}]

[package.dev-dependencies]
docs = [{{ name = "beta" }}]

[package.metadata]
requires-dist = [{{ name = "alpha", marker = "sys_platform != 'win32'" }}]

[package.metadata.requires-dev]
docs = [{{ name = "beta" }}]
"""
PYLOCK = f"""\
lock-version = "1.0"
created-by = "test"
extras = ["fast"]

[[packages]]
{ALPHA}marker = "'fast' in extras or sys_platform == 'linux'"
wheels = [{{ url = "https://example.com/{WHEEL}", hashes = {{ sha256 = "{DIGEST[7:]}" }} }}]
"""


def names(lock: Path, tools: Toolbox, *, everything: bool = False) -> list[list[str]]:
    answer = export_of(lock).ask(lock, everything, tools)
    return [sorted(one.name for one in answer(target)) for target in TARGETS]


def test_uv_exports_the_default_groups_and_every_group(tools: Toolbox, tmp_path: Path) -> None:
    groups = '[dependency-groups]\ndocs = ["beta"]\n'
    (tmp_path / "pyproject.toml").write_text(PROJECT.replace('"alpha"', "\"alpha; sys_platform != 'win32'\"") + groups)
    lock = tmp_path / "uv.lock"
    lock.write_text(UV)
    assert names(lock, tools) == [["alpha"], ["alpha"], []]
    assert names(lock, tools, everything=True) == [["alpha", "beta"], ["alpha", "beta"], ["beta"]]
    assert compare(lock, tools).result is Result.EQUAL


def test_packaging_selects_from_a_pylock(tools: Toolbox, tmp_path: Path) -> None:
    lock = tmp_path / "pylock.dev.toml"
    lock.write_text(PYLOCK)
    assert names(lock, tools) == [["alpha"], [], []]
    assert names(lock, tools, everything=True) == [["alpha"]] * 3
    assert compare(lock, tools).result is Result.EQUAL
    lock.write_text(PYLOCK.replace("none-any", "none-win_amd64"))
    assert "No wheel found" in compare(lock, tools).reason
    lock.write_text("lock-version = 3")
    with pytest.raises(ToolError, match="packaging said"):
        names(lock, tools)


def write_poetry(folder: Path) -> Path:
    requirements: dict[str, object] = {"python": "^3.11", "alpha": "*"}
    groups = {"docs": {"optional": True, "dependencies": {"beta": "*"}}, "test": {"dependencies": {"gamma": "*"}}}
    relevant = {"dependencies": requirements, "source": None, "extras": None, "dev-dependencies": None, "group": groups}
    (folder / "pyproject.toml").write_text(
        '[tool.poetry]\nname = "shop"\nversion = "1.0"\ndescription = ""\nauthors = []\n'
        '[tool.poetry.dependencies]\npython = "^3.11"\nalpha = "*"\n[tool.poetry.group.docs]\noptional = true\n'
        '[tool.poetry.group.docs.dependencies]\nbeta = "*"\n[tool.poetry.group.test.dependencies]\ngamma = "*"\n'
    )
    rows = "".join(
        f'[[package]]\nname = "{name}"\nversion = "1.0"\ndescription = ""\noptional = false\n'
        f'python-versions = "*"\ngroups = ["{group}"]\nfiles = [{{file = "{name}.whl", hash = "{DIGEST}"}}]\n\n'
        for name, group in (("alpha", "main"), ("beta", "docs"), ("gamma", "test"))
    )
    digest = sha256(json.dumps(relevant, sort_keys=True).encode()).hexdigest()
    meta = f'[metadata]\nlock-version = "2.1"\npython-versions = "^3.11"\ncontent-hash = "{digest}"\n'
    (folder / "poetry.lock").write_text(rows + meta)
    return folder / "poetry.lock"


def write_pdm(folder: Path, strategy: str) -> Path:
    groups = '[dependency-groups]\ntest = ["gamma"]\n'
    (folder / "pyproject.toml").write_text(PROJECT + groups)
    rows = "".join(
        f'[[package]]\nname = "{name}"\nversion = "1.0"\nsummary = ""\n{more}'
        f'files = [{{file = "{name}-1.0-py3-none-any.whl", hash = "{DIGEST}"}}]\n\n'
        for name, more in (("alpha", 'groups = ["default"]\n'), ("gamma", 'groups = ["test"]\n'))
    )
    if not strategy:
        rows = rows.replace('groups = ["default"]\n', "").replace('groups = ["test"]\n', "")
    meta = f'[metadata]\ngroups = ["default", "test"]\nstrategy = [{strategy}]\nlock_version = "4.5.0"\n'
    target = '[[metadata.targets]]\nrequires_python = ">=3.11"\n\n'
    (folder / "pdm.lock").write_text(meta + 'content_hash = "sha256:aa"\n' + target + rows)
    return folder / "pdm.lock"


@pytest.mark.network
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_poetry_pdm_and_pipenv_export_what_envparity_reads(tools: Toolbox, tmp_path: Path) -> None:
    (tmp_path / "poetry").mkdir()
    lock = write_poetry(tmp_path / "poetry")
    assert names(lock, tools) == [["alpha", "gamma"]] * 3
    assert names(lock, tools, everything=True) == [["alpha", "beta", "gamma"]] * 3
    assert compare(lock, tools).reason == ""
    for strategy in ('"inherit_metadata"', ""):
        lock = write_pdm(tmp_path, strategy)
        assert names(lock, tools) == [["alpha", "gamma"]] * 3
        assert compare(lock, tools).reason == ""
    row = {"hashes": [DIGEST], "index": "pypi"}
    sections = {
        "default": {"alpha": {**row, "version": "==1.0"}, "beta": {**row, "version": "==1.0"}},
        "develop": {
            "alpha": {**row, "version": "==1.1"},
            "gamma": {**row, "version": "==1.0", "markers": "('dev' in dependency_groups) and (os_name == 'nt')"},
        },
    }
    source = {"name": "pypi", "url": "https://example.com/simple", "verify_ssl": True}
    meta = {"hash": {"sha256": "aa"}, "pipfile-spec": 6, "requires": {}, "sources": [source]}
    lock = tmp_path / "Pipfile.lock"
    lock.write_text(json.dumps({"_meta": meta, **sections}))
    (tmp_path / "Pipfile").write_text('[packages]\nalpha = "*"\nbeta = "*"\n[dev-packages]\nalpha = "*"\n')
    assert names(lock, tools) == [["alpha", "beta"]] * 3
    assert names(lock, tools, everything=True) == [["alpha", "beta"], ["alpha", "beta"], ["alpha", "beta", "gamma"]]
    assert compare(lock, tools).reason == ""
