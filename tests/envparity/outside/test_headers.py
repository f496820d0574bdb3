"""Tests that plain headers are read as `tarfile` reads them, and that every other header is left to `tarfile`."""

import tarfile

import pytest
from archives import entry, folder, hard_link, link, tar
from hypothesis import given
from hypothesis import strategies as st

from envparity.outside import tar as tar_module
from envparity.outside.headers import plain_header
from envparity.outside.regions import Region
from envparity.outside.spool import Spool
from envparity.outside.tar import members

NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=130)


def block(info: tarfile.TarInfo) -> bytes:
    return info.tobuf(tarfile.USTAR_FORMAT, errors="surrogateescape")[:512]


@given(
    NAMES,
    st.sampled_from([tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE]),
    st.integers(0, 0o7777),
    st.integers(0, 8**11 - 1),
    st.text("ab/.", max_size=100),
)
def test_a_plain_header_has_the_facts_that_tarfile_reads(
    name: str, kind: bytes, mode: int, mtime: int, target: str
) -> None:
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.mtime, info.linkname, info.size = kind, mode, mtime, target, 77
    try:
        data = block(info)
    except (ValueError, UnicodeEncodeError):
        return  # the name does not fit into a plain header
    expected = tarfile.TarInfo.frombuf(data, "utf-8", "surrogateescape")
    found = plain_header(data)
    assert found is not None
    assert (found.name, found.kind, found.mode, found.mtime, found.size, found.target) == (
        *(expected.name, expected.type, expected.mode, expected.mtime, expected.size, expected.linkname),
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(512),
        b"x" * 512,
        block(tarfile.TarInfo("a"))[:511],
        block(tarfile.TarInfo("a")).replace(b"a", b"b", 1),
        tarfile.TarInfo("a").tobuf(tarfile.GNU_FORMAT),
        *(block(one) for kind in (b"3", b"x", b"g", b"L", b"S", b"\0") for one in [entry("a", kind=kind)[0]]),
    ],
)
def test_other_headers_are_not_plain(data: bytes) -> None:
    assert plain_header(data) is None


def test_an_archive_has_the_same_members_without_the_plain_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    data = tar(
        folder("a/"),
        *(entry(f"a/{number}", bytes(number)) for number in (0, 1, 511, 512, 513, 4000)),
        entry("x" * 150, b"long"),
        link("l", "a"),
        hard_link("h", "a/1"),
        entry("é" * 60 + "/" + "y" * 90),
        entry("last", b"z"),
    )
    with Spool() as spool:
        archive = spool.add([data], "x")
        quick = list(members(archive, spool, "x"))
        monkeypatch.setattr(tar_module, "plain_header", lambda _: None)
        assert quick == list(members(archive, spool, "x"))
        assert [one.size for one in quick if isinstance(one.content, Region)] == [0, 1, 511, 512, 513, 4000, 4, 0, 1]
