"""Tests of `envparity check` as a person uses it who wants to know whether an image holds what its lock says."""

import io
import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from index import Index
from wheels import wheel_bytes

from dev.doors.bases import find_base
from dev.doors.engines import find_engine
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.installer import bootstrap
from dev.lockenv.project import Project
from envparity.cli.main import main

SHOP = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "shop"
version = "1.0"
requires-python = ">=3.8"
dependencies = ["alpha", "beta"]
[dependency-groups]
dev = ["tester"]
"""
# A build backend that needs no other distribution.
BACKEND = """\
import zipfile
def build_wheel(folder, settings=None, metadata=None):
    info = "shop-1.0.dist-info"
    with zipfile.ZipFile(f"{folder}/shop-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("shop.py", "import alpha\\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: shop\\nVersion: 1.0\\n"
                       "Requires-Dist: alpha\\nRequires-Dist: beta\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "shop.py,,\\n" + "".join(f"{info}/{one},,\\n"
                       for one in ("METADATA", "WHEEL", "RECORD")))
    return "shop-1.0-py3-none-any.whl"
"""
DOCKERFILE = """\
ARG BASE
FROM $BASE
WORKDIR /app
ENV VIRTUAL_ENV=/app/.venv PATH=/app/.venv/bin:$PATH
COPY uv /usr/local/bin/
RUN uv venv --no-project .venv
COPY . .
RUN uv pip install --no-index --find-links wheels .
"""


@pytest.fixture
def shop(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the folder of a project whose uv.lock pins alpha 1.0 and beta 1.0; since then alpha 2.0 was released."""
    folder = tmp_path / "shop"
    (folder / "wheels").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(SHOP)
    (folder / "backend.py").write_text(BACKEND)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    uv = bootstrap(project, EnvironmentMaker(project).interpreter)
    (folder / "uv").write_bytes(uv.read_bytes())
    (folder / "uv").chmod(0o755)
    for name, version, requires in (("alpha", "2.0", ("gamma",)), ("beta", "1.0", ()), ("gamma", "1.0", ())):
        wheel = wheel_bytes(name, version, requires=requires)
        (folder / "wheels" / f"{name}-{version}-py3-none-any.whl").write_bytes(wheel)
    with Index() as index:
        for name in ("alpha", "beta", "tester"):
            index.wheel(name, "1.0", None)
        index.use(monkeypatch)
        subprocess.run([uv, "lock", "-q", "--python", sys.executable], cwd=folder, check=True)
        yield folder


def findings(capsysbinary: pytest.CaptureFixture[bytes], *arguments: str) -> dict[str, list[dict[str, Any]]]:
    """Run `envparity check`, and return its errors by code."""
    status = main(["check", *arguments, "--format", "json"])
    report = json.load(io.BytesIO(capsysbinary.readouterr().out))
    found: dict[str, list[dict[str, Any]]] = {}
    for one in report["findings"]:
        if one["severity"] == "error":
            found.setdefault(one["code"], []).append(one)
    assert status == (1 if found else 0)
    return found


@pytest.mark.docker
@pytest.mark.slow
def test_an_image_that_ignores_the_lock_next_to_it(
    shop: Path, project: Project, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    base, _ = find_base(find_engine(), project)
    name = f"shop-test:{uuid.uuid4().hex[:12]}"
    build = ["docker", "build", "-q", "--network", "none", "--build-arg", f"BASE={base}", "-t", name, str(shop)]
    subprocess.run(build, check=True, capture_output=True)
    monkeypatch.chdir(shop)
    try:
        found = findings(capsysbinary, f"image:{name}", "--lock", "uv.lock", "--no-default-groups")
        usual = findings(capsysbinary, f"image:{name}", "--lock", "uv.lock")
    finally:
        subprocess.run(["docker", "image", "rm", "--force", name], check=True, capture_output=True)
    (missing,) = (one["message"] for one in usual.pop("lock-missing"))
    assert usual.keys() == found.keys()
    assert missing.endswith(
        "(uv.lock), found none; only a group such as dev needs it, and --no-default-groups leaves such groups out"
    )
    messages = {code: [one["message"] for one in several] for code, several in found.items()}
    assert messages == {
        "lock-version": ["expected alpha 1.0 (uv.lock), found alpha 2.0"],
        "lock-extra": ["expected only distributions that uv.lock pins for this interpreter, found gamma 1.0"],
    }
