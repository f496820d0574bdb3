"""Tests with the engine of this machine: its images and containers have the same snapshot from outside as from inside.

A snapshot is envparity's list of the files and distributions of an environment, as JSON.
"""

import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from archives import tar_of
from outside_kit import from_inside, opened, raw_from_outside, without_running

from envparity.errors import EnvparityError
from envparity.outside.engine import Engine
from envparity.snapshot.outside import Outside

pytestmark = [pytest.mark.docker, pytest.mark.slow]
RUN = ("docker", "run", "--rm", "-i", "--network", "none", "--entrypoint")


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    """Return an image without a shell and without a Python on PATH: it has one environment and the files that it needs.

    The loader and the C library are those of this machine.
    """
    name = f"outside-test:{uuid.uuid4().hex[:12]}"
    binary = Path(sys.executable).resolve()
    needed = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout.split()
    libraries = sorted({Path(word) for word in needed if word.startswith("/")})
    base = Path(sys.base_prefix)
    stdlib = base / "lib" / f"python3.{sys.version_info.minor}"
    data = tar_of([binary, *sorted(path for path in stdlib.iterdir() if path.name != "test")], libraries)
    change = ["--change", 'ENV PATH="/none"', "--change", f'ENTRYPOINT ["{binary}"]']
    subprocess.run(["docker", "import", *change, "-", name], input=data, check=True, capture_output=True)
    yield name
    subprocess.run(["docker", "image", "rm", "--force", name], check=True, capture_output=True)


def test_an_image_without_a_shell_and_without_python_on_path(image: str) -> None:
    binary = str(Path(sys.executable).resolve())
    inside = from_inside([*RUN, binary, image])
    outside = raw_from_outside(f"image:{image}#{sys.base_prefix}")
    inside["located"]["executable"] = outside["located"]["executable"]
    assert without_running(outside) == without_running(inside)


def test_a_container_has_what_it_changed_itself(image: str) -> None:
    binary = str(Path(sys.executable).resolve())
    path = f"{sys.base_prefix}/lib/python3.{sys.version_info.minor}/added.py"
    name = f"outside-test-{uuid.uuid4().hex[:12]}"
    code = f"open({path!r}, 'w').close()"
    subprocess.run(["docker", "run", "--name", name, "--entrypoint", binary, image, "-I", "-S", "-c", code], check=True)
    try:
        (found,) = opened(f"container:{name}", Outside(prefix=sys.base_prefix))
        assert "added.py" in found.snapshot.standard_library[""]
    finally:
        subprocess.run(["docker", "rm", name], check=True, capture_output=True)


@pytest.mark.parametrize("place", ["image:none-such:1", "container:none-such"])
def test_an_image_or_container_that_the_engine_lacks_is_one_clear_error(place: str) -> None:
    line = (
        r"^door \S+: expected the (image|container) none-such\S* from \w+ (save|export), found: .*; \w+ \w+ \S+ shows"
    )
    with pytest.raises(EnvparityError, match=line):
        opened(place)


def test_an_engine_that_does_not_answer_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = tmp_path / "docker"
    silent.write_text("#!/bin/sh\nexec sleep 9\n")
    silent.chmod(0o755)
    monkeypatch.setattr("envparity.outside.engine._ANSWER", 0.2)
    with pytest.raises(EnvparityError, match=r"^door x: expected an answer of \S+ .* within 0\.2 s, found none; \S"):
        Engine(str(silent), "door x").container_config("any")


@pytest.mark.parametrize("name", ["py-libp2p-ping-test:v0.4", "py-libp2p-ping-test:v0.8", "devcontainer-v0.4"])
def test_the_images_of_this_project_have_the_same_snapshot(name: str) -> None:
    listed = subprocess.run(
        ["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}"], capture_output=True, text=True, check=True
    ).stdout.split()
    found = next((one for one in listed if one == name or one.endswith(f"_{name}:latest")), None)
    if found is None:
        pytest.skip(f"no image {name} on this machine; build it with scripts/image or scripts/devcontainer")
    assert without_running(raw_from_outside(f"image:{found}")) == without_running(from_inside([*RUN, "python", found]))
