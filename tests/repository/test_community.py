"""Tests of the documents that a newcomer reads first: how to contribute, how to cite, and how to report a bug.

A room is a package of this repository with one purpose, such as `envparity` or `dev/doors`.
"""

import ast
import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dev.lockenv.project import Project, this_project
from envparity.project.config import find_config

ROOT = this_project().root
FORMS = sorted(path.name for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")


def rows(name: str, columns: int) -> list[list[str]]:
    """Return the rows of a document's tables that have `columns` columns, without the header rows."""
    lines = [line for line in (ROOT / name).read_text().splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    heads = {number - 1 for number, row in enumerate(cells) if set(row[0]) == {"-"}}
    return [
        row
        for number, row in enumerate(cells)
        if len(row) == columns and number not in heads and number - 1 not in heads
    ]


def pyproject() -> dict[str, Any]:
    found = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert isinstance(found, dict)
    return found


def test_the_newest_version_of_the_changelog_is_that_of_the_project() -> None:
    versions = re.findall(r"(?m)^## (\S+)$", (ROOT / "CHANGELOG.md").read_text())
    assert versions[0] == pyproject()["version"]
    assert len({*versions}) == len(versions)


def test_the_citation_has_the_required_fields() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert (citation["cff-version"], citation["type"]) == ("1.2.0", "software")
    project = pyproject()
    # The name in [project] is envparity, because pip installs only envparity.
    assert citation["title"] == this_project().name
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])
    told = re.search(r'image\.description="([^"]+)"', (ROOT / "Dockerfile").read_text())
    assert told is not None
    assert citation["abstract"].startswith(told[1])
    assert [set(author) for author in citation["authors"]] == [{"name"}]
    assert f"Copyright (c) 2026 {citation['authors'][0]['name']}\n" in (ROOT / "LICENSE").read_text()


def test_each_room_imports_only_rooms_above_it() -> None:
    rooms = [row[0].strip("`") for row in rows("CONTRIBUTING.md", 2) if (ROOT / row[0].strip("`")).is_dir()]
    assert rooms[:3] == ["pingtest", "envparity", "dev/command"]
    assert len(rooms) > 8
    text = " ".join((ROOT / "CONTRIBUTING.md").read_text().split())
    assert "`dev/pages` also imports `dev/sbom` and `dev/dispatch.py`:" in text
    also = {"dev/pages": {"dev.sbom", "dev.dispatch"}}
    ours = {"pingtest", "envparity"}
    for number, room in enumerate(rooms):
        found = {name for path in (ROOT / room).rglob("*.py") for name in imported(path)}
        found = {name for name in found if name in ours or name.startswith("dev.")} - {room.replace("/", ".")}
        above = {name.replace("/", ".") for name in rooms[:number]} if room.startswith("dev/") else set()
        assert found - above == also.get(room, set()), room


def imported(path: Path) -> Iterator[str]:
    """Yield the name of each imported package, such as `envparity`, or folder of dev, such as `dev.doors`."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            words = node.module.split(".")
            yield ".".join(words[:2]) if words[0] == "dev" else words[0]


def test_every_workflow_is_documented_with_the_same_local_commands() -> None:
    told = {row[0].strip("`"): row[2] for row in rows("CONTRIBUTING.md", 3) if (workflow(row[0].strip("`"))).is_file()}
    assert {f"{name}.yml" for name in told} == {path.name for path in workflow("checks").parent.iterdir()}
    for name, same in told.items():
        commands = [command.split()[0] for command in re.findall(r"`([^`]+)`", same)]
        assert commands
        assert [one for one in commands if f"{one} " not in one_line(workflow(name))] == []


def workflow(name: str) -> Path:
    return ROOT / ".github" / "workflows" / f"{name}.yml"


def one_line(path: Path) -> str:
    """Return the text of the workflow `path` and of all actions of the repository as one line."""
    actions = "".join(one.read_text() for one in (ROOT / ".github" / "actions").glob("*/action.yml"))
    return " ".join(f"{path.read_text()} {actions} ".split()).replace(".venv-tools/bin/", "") + " "


def shown() -> list[list[str]]:
    """Return the commands in the documents for contributors, split into words."""
    found: dict[str, list[str]] = {}
    for name in ("CONTRIBUTING.md", ".github/pull_request_template.md", ".github/ISSUE_TEMPLATE/bug.yml"):
        text = (ROOT / name).read_text()
        for line in [*re.findall(r"(?m)^\$ (.+)$", text), *re.findall(r"`(scripts/[^`]+)`", text)]:
            words = shlex.split(line, comments=True)
            found[shlex.join(words)] = words
    return list(found.values())


@pytest.mark.parametrize("words", shown(), ids=shlex.join)
def test_every_documented_command_exists(words: list[str]) -> None:
    script = ROOT / words[0]
    told = "\n".join(line for line in script.read_text().splitlines() if line.startswith("#"))
    if "--help" in told:
        told += subprocess.run([script, "--help"], capture_output=True, text=True, check=True).stdout
    for word in words[1:]:
        if word.startswith("--"):
            assert word in told, word
        elif "/" in word:
            assert (ROOT / word).exists()


@pytest.mark.git
def test_the_documented_hooks_can_be_installed(tmp_path: Path) -> None:
    assert "`.venv-tools/bin/pre-commit install`" in (ROOT / "CONTRIBUTING.md").read_text()
    program = this_project().environment("tools") / "bin" / "pre-commit"
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".pre-commit-config.yaml").write_bytes((ROOT / ".pre-commit-config.yaml").read_bytes())
    subprocess.run([program, "install"], cwd=tmp_path, capture_output=True, check=True)
    assert (tmp_path / ".git" / "hooks" / "pre-commit").is_file()


@pytest.mark.parametrize("name", FORMS)
def test_github_can_show_each_form(name: str) -> None:
    """Check the form's syntax: a name, a description, and fields with labels and ids that differ."""
    form = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / name).read_text())
    assert set(form) == {"name", "description", "body"}
    ids = [field["id"] for field in form["body"]]
    labels = [field["attributes"]["label"] for field in form["body"]]
    assert len({*ids}) == len(ids)
    assert len({*labels}) == len(labels)
    for field in form["body"]:
        assert set(field) <= {"type", "id", "attributes", "validations"}
        assert field["type"] in ("dropdown", "input", "textarea")
        known = {"label", "description", "placeholder", "render"}
        assert set(field["attributes"]) <= (known | {"options", "multiple"} if field["type"] == "dropdown" else known)
        options = field["attributes"].get("options", [])
        assert (len(options) > 1) == (field["type"] == "dropdown")
        assert all(isinstance(option, str) for option in options)
        assert re.findall(r"docs/\S+\.md", str(options)) == [
            path for path in re.findall(r"docs/\S+\.md", str(options)) if (ROOT / path).is_file()
        ]


def test_the_choices_of_the_form_exist(project: Project) -> None:
    form = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / "bug.yml").read_text())
    asked = {field["id"]: field["attributes"] for field in form["body"]}
    assert asked["track"]["options"] == list(project.tracks)
    assert asked["door"]["placeholder"] in find_config(ROOT).doors


def test_the_requested_report_names_no_folder_of_the_person(project: Project) -> None:
    command = [str(project.root / "scripts" / "parity"), "venv", "--format", "json"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert str(project.root) not in told
    assert str(Path.home()) not in told
