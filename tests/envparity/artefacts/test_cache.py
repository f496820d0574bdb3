"""Tests of the cache of wheels: it keeps what wheels contain by their hash, and survives damage."""

import os
import time
from pathlib import Path

import pytest

from envparity.artefacts.artefact import Wheel
from envparity.artefacts.cache import WheelCache
from envparity.errors import EnvparityError

HASH = "sha256:" + "a" * 64
WHEEL = Wheel("alpha", "1.0", "alpha-1.0.dist-info", ("py3-none-any",), {"a.py": "b" * 64}, {"s": b"#!python\n\xff"})


def test_a_kept_wheel_is_found_again(tmp_path: Path) -> None:
    other = "sha512:" + "c" * 128
    cache = WheelCache(tmp_path)
    cache.keep(HASH, WHEEL)
    cache.keep(other, WHEEL)
    assert WheelCache(tmp_path).find([HASH, other, "sha256:" + "d" * 64]) == {HASH: WHEEL, other: WHEEL}
    assert cache.find([HASH]) == {HASH: WHEEL}


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"name":1}', b"\xff"])
def test_a_damaged_file_is_as_if_it_were_missing(data: bytes, tmp_path: Path) -> None:
    WheelCache(tmp_path).keep(HASH, WHEEL)
    (path,) = tmp_path.glob("*/sha256/*.json")
    path.write_bytes(data)
    assert WheelCache(tmp_path).find([HASH]) == {}


@pytest.mark.parametrize("of", ["sha256:../../x", "sha256:", "x", "sha256:" + "A" * 64, "../x:" + "a" * 64])
def test_a_text_that_is_no_hash_is_never_a_path(of: str, tmp_path: Path) -> None:
    WheelCache(tmp_path / "cache").keep(of, WHEEL)
    assert list(tmp_path.iterdir()) == []


def test_that_the_index_has_no_wheel_is_kept_for_a_day(tmp_path: Path) -> None:
    cache = WheelCache(tmp_path)
    assert cache.absent("alpha") is None
    cache.keep_absent("alpha", "no wheel")
    assert cache.absent("alpha") == "no wheel"
    assert cache.absent("beta") is None
    (path,) = tmp_path.glob("*/absent/*.txt")
    day_ago = time.time() - 25 * 3600
    os.utime(path, (day_ago, day_ago))
    assert cache.absent("alpha") is None
    assert cache.absent("alpha", old=True) == "no wheel"


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EnvparityError, match=r"^--cache: expected to make the folder .*: Not a directory$"):
        WheelCache(tmp_path / "file").keep(HASH, WHEEL)
