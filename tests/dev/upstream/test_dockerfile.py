"""Tests of the text of the folder's Dockerfile; they need no Docker engine."""

import re
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.lockenv.project import Project
from dev.upstream.dockerfile import FOLDER, dockerfile
from dev.upstream.folder import files


@pytest.fixture(scope="module")
def text(project: Project) -> str:
    return dockerfile(project, "3.11")


def sources(text: str) -> set[str]:
    """Return every path of the build context that the Dockerfile reads."""
    copied = [line.split()[1:-1] for line in text.splitlines() if line.startswith("COPY ") and "--from" not in line]
    found = {one for those in copied for one in those} | set(re.findall(r"type=bind,source=(?!/)([^,]+),", text))
    return {one.replace("${TRACK}", "checkout") for one in found}


def test_every_source_is_a_file_of_the_folder(project: Project, text: str) -> None:
    names = {one.name for one in files(project, "v0.8")}
    read = sources(text)
    assert len(read) > 10
    for source in read - {"."}:
        assert any(name == source or name.startswith(f"{source}/") for name in names), source


def test_no_source_is_left_out_of_the_build_context(project: Project) -> None:
    """py-libp2p's own .dockerignore names Dockerfile and *.so; Docker reads Dockerfile.dockerignore instead."""
    written = {one.name.removeprefix(f"{FOLDER}/"): one for one in files(project, "v0.8")}
    lines = written["Dockerfile.dockerignore"].text.splitlines()
    patterns = [one.removeprefix("**/") for one in lines if not one.startswith("#")]
    assert ".git" in patterns
    for name in written:
        assert not any(fnmatch(part, pattern) for part in Path(name).parts for pattern in patterns), name


def test_the_library_is_that_of_the_checkout(text: str) -> None:
    assert "FROM scratch AS libp2p\nCOPY . /\n" in text
    assert "FROM compiler AS locked" in text
    assert "LIBP2P_SOURCE" not in text
    assert "git" not in re.findall(r"[a-z]+", re.sub(r"(?m)^#.*", "", text))


def test_the_last_stage_follows_the_check_and_is_that_of_the_repository(project: Project, text: str) -> None:
    own, ours = (one.partition("AS runtime")[2] for one in (text, (project.root / "Dockerfile").read_text()))
    expected = ours.replace("COPY --from=locked", "COPY --from=checked")
    assert own == re.sub(r"(?m)^COPY (?!--)", f"COPY {FOLDER}/", expected)


def test_every_argument_has_a_default(text: str) -> None:
    head, _, stages = text.partition("\nFROM ")
    declared = set(re.findall(r"(?m)^ARG ([A-Z_]+)=", head))
    assert set(re.findall(r"(?m)^ARG ([A-Z_]+)$", stages)) <= declared
    assert set(re.findall(r"\$\{([A-Z_0-9]+)", text)) <= declared
    assert declared <= set(re.findall(r"\$\{([A-Z_0-9]+)", text)) | {"SOURCE_DATE_EPOCH"}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("FROM toolchain AS dev", "FROM toolchain AS development", "expected the stages dev"),
        ('sh /run/locked "${TRACK}"', "sh /run/locked", "1 times, found it 0 times"),
        ("ARG CACHES=", "ARG CACHE=", "default of the argument"),
    ],
)
def test_a_dockerfile_that_lacks_a_part_is_an_error(
    project: Project, tmp_path: Path, old: str, new: str, says: str
) -> None:
    source = (project.root / "Dockerfile").read_text()
    assert old in source
    (tmp_path / "Dockerfile").write_text(source.replace(old, new))
    with pytest.raises(CommandError, match=says):
        dockerfile(replace(project, root=tmp_path), "3.11")
