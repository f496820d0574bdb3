"""Tests with a forged image: one byte of an installed file is changed, and RECORD is rewritten to agree.

Only a comparison with the wheels of the lock can find the change: in the image's own layer, and in its saved archive.
"""

import base64
import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import pytest
from compared import compare, parity

from dev.doors.engine import Engine
from dev.doors.image import tag_of
from dev.lockenv.project import Project

pytestmark = [pytest.mark.docker, pytest.mark.network, pytest.mark.slow, pytest.mark.timeout(600)]
SITE = "app/.venv-v0.4/lib/python3.11/site-packages"
FILE = "coincurve/_libsecp256k1.cpython-311-x86_64-linux-gnu.so"
RECORD = "coincurve-21.0.0.dist-info/RECORD"


@pytest.fixture(scope="module")
def forged(engine: Engine, images: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the tag of an image that has one more layer than the image of v0.4: a changed file, and its RECORD."""
    assert images is not None
    tag, context = f"py-libp2p-ping-test-forged:{token_hex(4)}", tmp_path_factory.mktemp("forged")
    code = "import sys; sys.stdout.buffer.write(open(sys.argv[1], 'rb').read())"
    shown = ["docker", "run", "--rm", "--entrypoint", "python", tag_of("v0.4"), "-I", "-S", "-c", code]
    found = {
        name: subprocess.run([*shown, f"/{SITE}/{name}"], capture_output=True, check=True).stdout
        for name in (FILE, RECORD)
    }
    data = bytearray(found[FILE])
    data[-1] ^= 1
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    rows = found[RECORD].decode().splitlines()
    rows = [f"{FILE},sha256={digest},{len(data)}" if row.startswith(f"{FILE},") else row for row in rows]
    for name, content in ((FILE, bytes(data)), (RECORD, "".join(f"{row}\n" for row in rows).encode())):
        path = context / SITE / name
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    (context / "Dockerfile").write_text(f"FROM {tag_of('v0.4')}\nCOPY app /app\n")
    engine.build(context, tag)
    yield tag
    engine.remove("image", tag)


@pytest.mark.parametrize("place", ["image", "archive"])
def test_a_changed_byte_with_its_record_is_found(
    project: Project, engine: Engine, forged: str, place: str, tmp_path: Path
) -> None:
    door = f"forged=image:{forged}"
    if place == "archive":
        engine.save(forged, tmp_path / "forged.tar")
        door = f"forged={tmp_path / 'forged.tar'}"
    found = compare(project, door, "--artefacts")
    assert found.status == 1, found.complaints
    (one,) = found.errors
    assert (one["code"], one["distributions"]) == ("artefact-differs", ["coincurve"])
    assert one["paths"] == [f"site/{FILE}"]
    assert f"coincurve 21.0.0: site/{FILE}: not the bytes in the wheel" in one["message"]

    without = parity(project, door)
    assert without.returncode == 0, without.stdout
    said = " ".join(without.stdout.split())
    assert "a change that also rewrites RECORD cannot be found without --artefacts." in said
