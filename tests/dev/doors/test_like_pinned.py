"""Tests of an image on a base like the pinned base image, for machines that cannot pull the pinned base image.

The base has a Python in /usr/local, with pip, and with another patch version than this machine's Python.
"""

import secrets
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from compared import compare
from docker_kit import HARDENED, Docker, unified
from pythons import another_patch

from dev.doors.engine import Container, Engine
from dev.doors.image import ImagePlan, build, make_plan
from dev.doors.offline.images import python_image
from dev.lockenv.interpreter import Interpreter, find_interpreter
from dev.lockenv.project import Project
from dev.matrix.plan import Test
from pingtest.settings import Muxer, SecureChannel, Transport

PYTHON = python_image("3.11")

pytestmark = [pytest.mark.slow, pytest.mark.docker, pytest.mark.timeout(300)]
PLAIN = Test("v0.4", "v0.4", Transport.TCP, SecureChannel.NOISE, Muxer.YAMUX)


@pytest.fixture(scope="module")
def python(project: Project) -> Interpreter:
    """Return a Python of this machine with another patch version; skip the tests if the machine has no such Python."""
    return another_patch(find_interpreter(project.toolchain).version)


@pytest.fixture(scope="module")
def like_pinned(
    engine: Engine, base: str, python: Interpreter, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Build the base, yield its tag, and delete the base after the tests."""
    if base != PYTHON.tag:
        pytest.skip("the images are built on the pinned base itself, so this test would add nothing")
    prefix = python.headers.parents[1]
    context = tmp_path_factory.mktemp("python")
    left_out = shutil.ignore_patterns("site-packages", "test", "__pycache__")
    shutil.copytree(prefix / "lib" / "python3.11", context / "lib" / "python3.11", symlinks=True, ignore=left_out)
    for library in (prefix / "lib").glob("libpython*"):
        shutil.copy(library, context / "lib", follow_symlinks=False)
    shutil.copytree(prefix / "include", context / "include")
    (context / "bin").mkdir()
    shutil.copy(prefix / "bin" / "python3.11", context / "bin")
    tag = f"py-libp2p-ping-test-tests/like-pinned:{secrets.token_hex(4)}"
    file = Path(__file__).parent / "like-pinned" / "Dockerfile"
    engine.build(context, tag, file=file, arguments={"STAND_IN": base})
    yield tag
    engine.remove("image", tag)


@pytest.fixture(scope="module")
def plan(engine: Engine, project: Project, like_pinned: str) -> Iterator[ImagePlan]:
    """Build the image of the track v0.4 on this base, yield its plan, and delete the image after the tests."""
    made = replace(make_plan(project, PLAIN.dialer, like_pinned), tag=f"{like_pinned}-image")
    build(engine, project, made)
    yield made
    engine.remove("image", made.tag)


def walk(engine: Engine, tag: str) -> list[str]:
    """Return every path in the image `tag`."""
    find = Container(tag, ("/", "-xdev"), entrypoint="find", user="0")
    return engine.run(find, purpose="listing").splitlines()


def test_the_image_has_no_pip_of_its_base(engine: Engine, like_pinned: str, plan: ImagePlan) -> None:
    library = "/usr/local/lib/python3.11"
    there = walk(engine, like_pinned)
    assert {"/usr/local/bin/pip", f"{library}/site-packages/setuptools"} <= set(there)
    found = walk(engine, plan.tag)
    names = {path.rpartition("/")[2] for path in found}
    assert names & {"pip", "pip3", "pip3.11", "setuptools", "pkg_resources", "wheel", "uv", "cc1", "cmake"} == set()
    assert [path for path in found if path.startswith(library) and path.endswith(".whl")] == []
    # The rest of the standard library is complete and has bytecode, because a running container cannot write bytecode.
    sources = {path for path in there if path.startswith(library) and path.endswith(".py")}
    assert {path for path in sources if "/site-packages/" not in path} <= set(found)
    assert f"{library}/__pycache__/asyncio.cpython-311.pyc" not in there
    assert f"{library}/asyncio/__pycache__/events.cpython-311.pyc" in found


def test_the_image_pings(engine: Engine, docker: Docker, plan: ImagePlan, python: Interpreter) -> None:
    key = secrets.token_hex(4)
    environ = unified(PLAIN, key, f"{docker.redis}:6379", is_dialer=False)
    listener = docker.start("listener", plan.tag, environ, options=(*HARDENED, "--init"))
    dialed = docker.play(plan.tag, environ | {"IS_DIALER": "true"})
    docker.stop(listener)
    assert (dialed.status, dialed.err) == (0, "")
    assert yaml.safe_load(dialed.out)["latency"]["unit"] == "ms"
    told = engine.run(Container(plan.tag, ("-V",), entrypoint="python"), purpose="asking for the version")
    assert told == f"Python {python.version}"


def test_a_build_without_the_cache_makes_the_same_image(engine: Engine, project: Project, plan: ImagePlan) -> None:
    again = replace(plan, tag=f"{plan.tag}-again")
    try:
        assert build(engine, project, again, fresh=True) == engine.image(plan.tag)
    finally:
        engine.remove("image", again.tag)


def test_envparity_reports_only_the_patch_version(project: Project, plan: ImagePlan, python: Interpreter) -> None:
    found = compare(project, "venv", f"docker=docker run --rm -i --entrypoint python {plan.tag}")
    assert (found.status, found.errors) == (0, [])
    told = found.between("venv", "docker")
    assert f"docker {python.version}" in told["interpreter-patch"]["message"]
    assert told["distribution-differs"]["because"] == "interpreter-patch"
