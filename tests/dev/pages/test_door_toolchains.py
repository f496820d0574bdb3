"""Tests of the table of the tools behind each door: each version agrees with the file that pins it.

A door is one way into the project's environment: venv, docker, devcontainer or nix.
"""

import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from dev.command.errors import CommandError
from dev.doors.bases import pinned_redis
from dev.doors.pins import packages
from dev.doors.registry import DOORS
from dev.lockenv.project import Project, read_project
from dev.pages.door_toolchains import PACKAGES, ToolRow, read_door_toolchains, tool_rows
from envparity.probe.toolchain import SEEN_BY_DEFAULT
from envparity.project.config import find_config


@pytest.fixture
def found(project: Project) -> dict[str, ToolRow]:
    return {one.name: one for one in tool_rows(project)}


@pytest.fixture
def toolchain(project: Project) -> dict[str, Any]:
    with (project.root / "locks" / "toolchain.toml").open("rb") as file:
        return tomllib.load(file)


@pytest.fixture
def copy(project: Project, tmp_path: Path) -> Path:
    shutil.copytree(project.root / "locks", tmp_path / "locks")
    for name in ("pyproject.toml", "Dockerfile", "compose.yaml"):
        shutil.copy(project.root / name, tmp_path)
    return tmp_path


def test_envparity_knows_every_door_of_the_table(project: Project) -> None:
    assert list(read_door_toolchains(project)) == list(DOORS) == list(find_config(project.root).doors)


def test_every_tool_that_the_probe_reports_has_a_range_or_a_reason(project: Project) -> None:
    tools = find_config(project.root).tools
    # The probe is the program that reads the facts about an environment. It starts no program for `python`, `openssl`
    # and `libc`. `libraries` are the shared libraries to which extension modules resolve.
    assert set(tools) == {*SEEN_BY_DEFAULT, "python", "openssl", "libc", "libraries"}
    for tool in tools.values():
        assert tool.differ
        assert tool.versions is None or str(tool.versions)


def test_each_tool_has_a_cell_for_each_door(found: dict[str, ToolRow], project: Project) -> None:
    pythons = [f"Python {series}" for series in project.pythons_of("tools")]
    assert list(found) == [*pythons, "uv", *sorted(set(find_config(project.root).tools) - {"python"})]
    for tool in found.values():
        assert list(tool.doors) == list(DOORS)
        assert all(tool.doors.values())


def test_the_base_is_that_of_the_dockerfile(found: dict[str, ToolRow], project: Project) -> None:
    named = set(re.findall(r"python:\S+?@sha256:[0-9a-f]{64}", (project.root / "Dockerfile").read_text()))
    assert len(named) == len(project.pythons_of("tools"))
    for base in named:
        series = next(one for one in project.pythons_of("tools") if base.startswith(f"python:{one}."))
        assert found[f"Python {series}"].doors["docker"] == f"the Python of `{base.partition('@')[0]}`"
        assert f"`{base}`" in (project.root / "docs" / "reference" / "toolchain.md").read_text()


def test_the_debian_packages_are_those_of_the_build_stages(found: dict[str, ToolRow], project: Project) -> None:
    groups = packages(project)
    for tool, package in PACKAGES.items():
        group = next(one for one in groups.values() if package in one)
        assert f"`{package}` {group[package]}" in found[tool].doors["devcontainer"]
        assert (found[tool].doors["docker"] == found[tool].doors["devcontainer"]) == (tool != "redis")
    text = (project.root / "Dockerfile").read_text()
    used = {name.lower() for name in re.findall(r"(?m)sh /run/apt-exact \$\{([A-Z]+)_PACKAGES\}", text)}
    assert set(read_door_toolchains(project)["devcontainer"].debian) == {*used, "python"} == set(groups)


def test_the_version_of_uv_is_in_the_lock_of_the_tools(found: dict[str, ToolRow], project: Project) -> None:
    locked = re.search(r"(?m)^uv==(\S+)", project.lock("tools").read_text())
    assert locked is not None
    assert [found["uv"].doors[door] for door in list(DOORS)[:3]] == [locked[1]] * 3
    assert found["uv"].doors["nix"].endswith("(inferred)")


def test_every_container_has_the_same_redis(project: Project) -> None:
    for path in (project.root / "compose.yaml", project.root / ".devcontainer" / "compose.yaml"):
        assert set(re.findall(r"redis:\S+?@sha256:[0-9a-f]{64}", path.read_text())) == {pinned_redis(project)}


def test_an_inferred_version_is_in_its_range_and_marked_as_inferred(
    project: Project, found: dict[str, ToolRow]
) -> None:
    tools, nix = find_config(project.root).tools, read_door_toolchains(project)["nix"]
    assert nix.inferred
    for name, said in nix.inferred.items():
        series = name.removeprefix("python") if name.startswith("python") else None
        assert found[f"Python {series}" if series else name].doors["nix"] == f"{said} (inferred)"
        for version in re.findall(r"\d[\d.]*", said):
            assert version.startswith(f"{series}.") if series else name == "uv" or tools[name].allows(version)


def test_the_revision_of_nixpkgs_is_in_flake_lock(project: Project) -> None:
    nix = read_door_toolchains(project)["nix"]
    assert re.fullmatch(r"[0-9a-f]{40}", nix.revision or "")
    path = project.root / "flake.lock"
    if path.exists():
        node = json.loads(path.read_text())["nodes"]["nixpkgs"]
        assert (node["locked"]["rev"], node["original"]["ref"]) == (nix.revision, nix.branch)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "[doors.venv]",
            "[doors.shed]",
            "expected the tables .* of venv, docker, .*, found shed, docker",
        ),
        (
            'branch = "',
            'twig = "',
            r"expected \[doors\.\*\] to have only known keys, such as 'has' and 'pinned', found: .*twig",
        ),
        (
            "[expect.git]",
            "[expect.make]\n[expect.git]",
            r"\[expect.make\]: expected a tool that dev/pages/door_tool\w+.py knows",
        ),
    ],
)
def test_a_wrong_toolchain_file_is_one_line(copy: Path, old: str, new: str, says: str) -> None:
    path = copy / "locks" / "toolchain.toml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(CommandError, match=says) as caught:
        tool_rows(read_project(copy))
    assert "\n" not in str(caught.value)
