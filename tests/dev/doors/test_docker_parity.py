"""Tests that compare the image with the venv, and with an image of the old recipe.

The old recipe is the Dockerfile that the ping test had before this project.
"""

from collections import defaultdict
from secrets import token_hex

import pytest
from compared import Comparison, compare

from dev.doors.build_secrets import build_secrets
from dev.doors.engine import Engine
from dev.doors.image import make_plan
from dev.lockenv.project import Project

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]


@pytest.mark.usefixtures("images")
@pytest.mark.parametrize("track", ["v0.4", pytest.param("v0.8", marks=pytest.mark.slow)])
def test_the_image_and_the_venv_are_equal(project: Project, track: str) -> None:
    found = compare(project, "venv", "docker", "--track", track)
    assert (found.status, found.complaints, found.errors) == (0, "", [])
    assert found.doors == ["venv", "docker"]
    assert len({door["python"] for door in found.report["doors"]}) == 1
    assert {versions[0] == versions[1] for versions in found.report["rows"].values()} == {True}
    # The extension modules, which were compiled separately for the image and the venv, are equal byte for byte. So the
    # report does not even have a note about them.
    findings = found.report["findings"]
    assert [one for one in findings if any(".so" in path for path in one.get("paths", ()))] == []
    # The toolchain file declares what the image is not meant to have, so the few notes are about the distributions.
    notes = [one for one in findings if not one["declared"] and not one["code"].startswith("transform-")]
    # The base image and this machine may have Pythons of the same version from different builds.
    assert {one["code"] for one in notes} - {"interpreter-build"} == {"top-level-squatter"}
    assert len(notes) <= 4
    assert found.report["proof"]["equal"]["distributions"] == len(found.report["rows"])


def of_the_old_image(project: Project, tag: str) -> tuple[Comparison, dict[str, list[str]]]:
    """Compare the image of the default track with the old image `tag`.

    Return the comparison, and a dict from the code of an error to the messages of the errors with this code.
    """
    found = compare(project, "docker", f"old=docker run --rm -i --entrypoint python {tag}")
    assert (found.status, found.complaints) == (1, "")
    assert found.report["rows"]["multiaddr"] == ["0.0.12", "0.1.0"]
    messages: dict[str, list[str]] = defaultdict(list)
    for one in found.errors:
        messages[one["code"]].append(one["message"])
    return found, dict(messages)


@pytest.mark.network
@pytest.mark.usefixtures("images")
def test_the_old_image_before_its_uninstall_step_is_torn(project: Project, old_images: dict[str, str]) -> None:
    found, errors = of_the_old_image(project, old_images["installed"])
    (contested,) = errors["path-contested"]
    assert contested.startswith("py-multihash 2.0.1 and pymultihash 0.8.2 claim site/multihash/__init__.py, ")
    assert any("multihash" in line for line in errors["behaviour-failed"])
    assert found.report["rows"]["py-multihash"] == [None, "2.0.1"]
    (why,) = [one for one in found.report["why"] if one["distribution"] == "py-multihash"]
    assert why["door"] == "old"
    assert any(step["target"] == "py-multihash" and step["source"] == "multiaddr" for step in why["paths"][0])


@pytest.mark.network
@pytest.mark.usefixtures("images")
def test_the_old_image_after_its_uninstall_step_misses_a_requirement(
    project: Project, old_images: dict[str, str]
) -> None:
    _, errors = of_the_old_image(project, old_images["worked-around"])
    assert "path-contested" not in errors
    assert errors["requirement-unmet"] == ["multiaddr 0.1.0 requires py-multihash, which is not installed"]
    assert "behaviour-failed" not in errors


def test_a_harness_builds_the_same_layers_of_v08_from_the_path_of_its_dockerfile(
    project: Project, engine: Engine, base: str, images: dict[str, str]
) -> None:
    """A harness passes only the path, the tag and HOST_OS; this machine adds its base and its secrets."""
    tag = f"harness-{token_hex(6)}:v0.8"
    plan = make_plan(project, "v0.8", base)
    arguments = {name: plan.arguments[name] for name in ("BASE_IMAGE", "RUNTIME_BASE")} | {"HOST_OS": "linux"}
    with build_secrets() as secrets:
        file = project.root / "docker" / "v0.8.Dockerfile"
        engine.build(project.root, tag, file=file, arguments=arguments, secrets=secrets)
    # Docker takes the time of an image only from a build argument, so the two images have other times and ids.
    facts = ("--format", "{{json .RootFS}} {{json .Config}}")
    try:
        ours, theirs = (engine.ask("inspect", *facts, one, purpose="inspecting") for one in (images["v0.8"], tag))
        assert ours == theirs
    finally:
        engine.ask("image", "rm", tag, purpose="removing the image of this test")
