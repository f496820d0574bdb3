"""Tests of reading a wheel: every hash comes from the bytes in the wheel, and a damaged file is refused."""

import hashlib
from pathlib import Path

import pytest
from traced import ALPHA, DATA, INFO
from wheels import wheel_bytes, zip_bytes

from envparity.artefacts.artefact import Wheel
from envparity.artefacts.wheel import Unreadable, read_wheel


def read(folder: Path, data: bytes) -> Wheel:
    path = folder / "alpha-1.0-py3-none-any.whl"
    path.write_bytes(data)
    return read_wheel(path)


def sha256(content: str | bytes) -> str:
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def test_a_wheel_is_read(tmp_path: Path) -> None:
    wheel = read(tmp_path, wheel_bytes("alpha", "1.0", ALPHA))
    assert (wheel.name, wheel.version, wheel.info, wheel.tags) == ("alpha", "1.0", INFO, ("py3-none-any",))
    assert {path: wheel.files[path] for path in ALPHA} == {path: sha256(content) for path, content in ALPHA.items()}
    assert set(wheel.files) - set(ALPHA) == {f"{INFO}/{name}" for name in ("METADATA", "WHEEL", "RECORD")}
    assert set(wheel.scripts) == {f"{DATA}/scripts/alpha-run", f"{DATA}/scripts/alpha-options"}
    starts = "alpha.core:answer"
    assert wheel.commands == {"alpha": starts, "alpha3": starts, "Alpha-Window": starts}
    assert wheel.extras == ("alpha3",)


def test_hashes_in_the_wheels_own_record_are_not_believed(tmp_path: Path) -> None:
    content = {"alpha.py": "real\n", f"{INFO}/METADATA": "Name: alpha\nVersion: 1.0\n"}
    record = f"alpha.py,sha256={'A' * 43},5\n"
    assert read(tmp_path, zip_bytes({**content, f"{INFO}/RECORD": record})).files["alpha.py"] == sha256("real\n")


def test_metadata_of_vendored_distributions_is_not_the_wheels_own(tmp_path: Path) -> None:
    vendored = {"alpha/_vendor/other-2.0.dist-info/METADATA": "Name: other\nVersion: 2.0\n"}
    assert read(tmp_path, wheel_bytes("alpha", "1.0", vendored)).name == "alpha"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no archive",
        zip_bytes({"alpha.py": ""}),
        zip_bytes({f"{INFO}/METADATA": "Summary: no name\n"}),
        wheel_bytes("alpha", "1.0")[:200],
        wheel_bytes("alpha", "1.0", {f"{INFO}/entry_points.txt": "no section\n"}),
    ],
    ids=["empty", "no archive", "no metadata", "no name", "cut", "entry points"],
)
def test_a_file_that_is_no_wheel_is_refused(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        read(tmp_path, data)


def test_a_damaged_member_is_refused(tmp_path: Path) -> None:
    data = bytearray(wheel_bytes("alpha", "1.0", {"alpha.py": "x" * 10_000}))
    at = data.index(b"alpha.py") + len("alpha.py") + 4
    data[at] ^= 0xFF
    with pytest.raises(Unreadable, match=r"^alpha-1\.0-py3-none-any\.whl cannot be read: "):
        read(tmp_path, bytes(data))
