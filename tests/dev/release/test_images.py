"""Tests of the images of a release: only an image with the ID of both builds is saved, and the archive has this ID.

The engine is real. The image is a small one of the test, because `scripts/image --verify` has its own tests.
"""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from archives import docker_save, entry, tar

from dev.command.errors import CommandError
from dev.doors.bases import find_base
from dev.doors.engine import Engine
from dev.doors.engines import find_engine
from dev.doors.image import ImagePlan
from dev.lockenv.project import Project
from dev.release import images as module
from dev.release.images import save_image

pytestmark = pytest.mark.docker


@pytest.fixture
def engine() -> Engine:
    return find_engine()


@pytest.fixture
def plan(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ImagePlan]:
    """Yield the plan of an image that the engine has; `save_image` uses this plan."""
    tag = f"py-libp2p-ping-test-tests/release:{secrets.token_hex(4)}"
    archive = tmp_path / "image.tar"
    archive.write_bytes(docker_save(tar(entry("app/file", tag.encode())), tags=[tag]))
    engine.load(tag, archive)
    made = ImagePlan(tag, "v0.4", "runtime", {}, {})
    monkeypatch.setattr(module, "make_plan", lambda *_: made)
    yield made
    engine.remove("image", tag)


def builds(monkeypatch: pytest.MonkeyPatch, first: str, second: str, *differences: str) -> None:
    monkeypatch.setattr(module, "build_twice", lambda *_: (first, second, list(differences)))


def test_the_saved_archive_has_the_id_of_both_builds(
    engine: Engine, plan: ImagePlan, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = engine.image(plan.tag)
    assert identity is not None
    builds(monkeypatch, identity, identity)
    folder = tmp_path / "images"
    assert save_image(engine, project, "v0.4", plan.tag, folder) == identity
    assert (folder / "v0.4.id").read_text() == f"{identity}\n"
    engine.remove("image", plan.tag)
    engine.load(plan.tag, folder / "v0.4.tar")
    assert engine.image(plan.tag) == identity


def test_each_track_has_its_own_base(
    engine: Engine, plan: ImagePlan, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = engine.image(plan.tag)
    assert identity is not None
    builds(monkeypatch, identity, identity)
    bases: list[str] = []

    def make_plan(_project: Project, _track: str, base: str) -> ImagePlan:
        bases.append(base)
        return plan

    monkeypatch.setattr(module, "make_plan", make_plan)
    for track in ("v0.4", "v0.8-py313"):
        save_image(engine, project, track, None, tmp_path / "images")
    assert bases == [find_base(engine, project, track=track)[0] for track in ("v0.4", "v0.8-py313")]
    assert bases[0] != bases[1]


def test_builds_that_differ_save_nothing(
    engine: Engine, plan: ImagePlan, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    builds(monkeypatch, "sha256:1", "sha256:2", "layer 1: app/file: sha256 1 or 2")
    with pytest.raises(CommandError, match=r"expected two equal images of v0\.4, found: layer 1: app/file"):
        save_image(engine, project, "v0.4", plan.tag, tmp_path / "images")
    builds(monkeypatch, "sha256:1", "sha256:1")
    with pytest.raises(CommandError, match=f"expected {plan.tag} to be the image sha256:1, found sha256:"):
        save_image(engine, project, "v0.4", plan.tag, tmp_path / "images")
    assert not (tmp_path / "images").exists()
    monkeypatch.setattr(module, "make_plan", lambda *_: replace(plan, tag=f"{plan.tag}-gone"))
    with pytest.raises(CommandError, match="to be the image sha256:1, found None"):
        save_image(engine, project, "v0.4", plan.tag, tmp_path / "images")
