"""Tests that the documents agree with the code."""

import os
import re
import subprocess
import tomllib
from dataclasses import replace

import pytest

from dev.evidence.runs import read_evidence
from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project, this_project
from dev.matrix.endings import COMPARES
from envparity.judge import report as parity
from envparity.render.history.write import render
from pingtest.errors import Status
from pingtest.settings import TEST_PLANS, UNIFIED_TESTING, Muxer, SecureChannel, Transport

ROOT = this_project().root


def rows(text: str, columns: int) -> list[list[str]]:
    """Return the rows of a document's tables that have `columns` columns, without backquotes."""
    tables = [[cell.strip().strip("`") for cell in line.split("|")[1:-1]] for line in text.splitlines() if "|" in line]
    return [row for row in tables if len(row) == columns and set(row[0]) != {"-"}]


def test_every_exit_status_is_documented(project: Project) -> None:
    table = rows((project.root / "docs" / "reference" / "harness.md").read_text(), 3)
    assert [(int(row[0]), row[1]) for row in table if row[0].isdecimal()] == [(one.value, one.name) for one in Status]


def test_envparitys_statuses_and_commands_are_documented(project: Project) -> None:
    text = (project.root / "docs" / "guides" / "compare-environments.md").read_text()
    assert [int(row[0]) for row in rows(text, 2) if row[0].isdecimal()] == [*parity.Status, 2]
    named = {row[0].split()[1] for row in rows(text, 2) if row[0].startswith("envparity ")}
    command = [str(project.environment("tools") / "bin" / "envparity"), "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert named == set(re.findall(r"(?m)^    ([a-z]+) ", told))


def test_every_variable_and_choice_is_documented(project: Project) -> None:
    text = (project.root / "docs" / "reference" / "harness.md").read_text()
    names = {name for row in rows(text, 4) for name in row[:2]}
    for dialect in (UNIFIED_TESTING, TEST_PLANS):
        assert set(vars(dialect).values()) <= names
    for choice in (*Transport, *SecureChannel, *Muxer):
        assert f"`{choice}`" in text


def test_the_documented_tracks_agree_with_the_locks(project: Project) -> None:
    table = rows((project.root / "docs" / "concepts" / "locks.md").read_text(), 6)[1:]
    assert [row[0].partition("`")[0] for row in table] == list(project.tracks)
    for row in table:
        track = row[0].partition("`")[0]
        assert row[2] == project.pythons[track]
        assert row[3] == project.lock(track).name
        pins = read_lock(project.lock(track)).pins
        if project.locks_library(track):
            assert row[1] == pins["libp2p"].version
        assert row[4] == pins["multiaddr"].version
        name, version = row[5].split()
        assert pins[name].version == version


@pytest.mark.parametrize(
    "name", [path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))]
)
def test_every_named_script_exists(project: Project, name: str) -> None:
    text = (project.root / name).read_text()
    scripts = re.findall(r"\bscripts/[a-z]+(?:-[a-z]+)*", text)
    # In a report, `scripts/activate` is a file of an environment.
    reported = {"scripts/activate", "scripts/black", "scripts/random"}
    assert [script for script in scripts if not (project.root / script).exists() and script not in reported] == []


def test_the_pages_name_the_library_of_v0_8_as_its_lock_does(project: Project) -> None:
    version = read_lock(project.lock("v0.8")).pins["libp2p"].version
    for name, words in (
        ("README.md", f"the image of the track `v0.8`, which has py-libp2p {version}."),
        ("docs/concepts/glossary.md", f"the track `v0.8` holds libp2p {version};"),
        ("docs/reference/harness.md", f"the image of `v0.8` (py-libp2p {version})"),
    ):
        assert words in " ".join((project.root / name).read_text().split())


def test_the_guides_name_the_tracks_that_the_commands_take_without_an_option(project: Project) -> None:
    first, second = project.released_tracks
    image = (project.root / "docs" / "guides" / "docker.md").read_text()
    assert f"# without --track: {first} and {second}\n" in image
    matrix = " ".join((project.root / "docs" / "guides" / "run-the-matrix.md").read_text().split())
    assert f"Without `--among`, such a run has only the tracks `{first}` and `{second}`." in matrix


def test_the_guide_of_the_devcontainer_names_every_track_that_has_one(project: Project) -> None:
    others = [path.parent.name for path in sorted(project.root.glob(".devcontainer/*/devcontainer.json"))][1:]
    guide = (project.root / "docs" / "guides" / "devcontainer.md").read_text()
    assert f"# the track v0.4; --track {' or '.join(others)}: another track\n" in guide


def test_the_guide_of_the_image_names_the_python_of_the_pinned_base(project: Project) -> None:
    (pinned,) = re.findall(r"(?m)^FROM python:([\d.]+)\S+ AS pinned-3\.11$", (project.root / "Dockerfile").read_text())
    guide = " ".join((project.root / "docs" / "guides" / "docker.md").read_text().split())
    assert f"The Python of the pinned base is {pinned}, and Debian's" in guide


def test_the_document_explains_the_figures_as_the_matrix_pages_do(project: Project) -> None:
    text = " ".join((project.root / "docs" / "guides" / "run-the-matrix.md").read_text().split())
    assert COMPARES.removesuffix(".") in text


def test_every_key_of_a_peer_is_documented(project: Project) -> None:
    page = (project.root / "docs" / "guides" / "add-a-peer.md").read_text()
    text = page.partition("# Add a peer")[2]
    told = [key.strip("`") for row in rows(text, 2) for key in row[0].split(", ")]
    peers = tomllib.loads((project.root / "dev" / "matrix" / "implementations.toml").read_text())["peer"]
    assert len(peers) > 0
    for peer in peers:
        assert told[told.index("name") :] == list(peer)
        assert {"build", "peer"} <= set(told)
        for file in ("build", "peer"):
            assert os.access(project.root / "peers" / peer["name"] / file, os.X_OK)


def test_the_shown_history_is_the_recorded_one(project: Project) -> None:
    page = (project.root / "docs" / "guides" / "find-the-release.md").read_text()
    shown = page.partition("The first lines of the result:\n\n```\n")[2].partition("```")[0]
    recorded = replace(read_evidence().before, watched=("multiaddr", "py-multihash"))
    printed = render(recorded, "terminal", everything=False)
    assert len(shown.splitlines()) > 5
    assert shown in printed
