"""Tests of reading tar archives: every kind of member, and archives that are damaged or lie."""

import tarfile

import pytest
from archives import entry, folder, hard_link, link, region, tar

from envparity.errors import EnvparityError
from envparity.outside.regions import Region
from envparity.outside.spool import Spool
from envparity.outside.tar import Member, members


def listed(data: bytes) -> list[Member]:
    with Spool() as spool:
        return [
            Member(one.name, one.kind, one.mode, one.mtime, one.size, one.target)
            for one in members(region(data, spool), spool, "test")
        ]


def contents(data: bytes) -> dict[str, bytes | None]:
    with Spool() as spool:
        return {
            one.name: one.content.read(0, one.size) if isinstance(one.content, Region) else None
            for one in members(region(data, spool), spool, "test")
            if one.kind == "file"
        }


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_kind_of_member_has_its_facts(form: int) -> None:
    made = tar(
        folder("a"),
        entry("a/b", b"text", mode=0o755),
        link("a/c", "/a/b"),
        hard_link("a/d", "a/b"),
        entry("a/e", kind=tarfile.FIFOTYPE),
        entry("a/f", kind=tarfile.CHRTYPE),
        form=form,
    )
    assert [(one.name, one.kind, one.mode, one.size, one.target) for one in listed(made)] == [
        ("a", "folder", 0o755, 0, ""),
        ("a/b", "file", 0o755, 4, ""),
        ("a/c", "link", 0o644, 0, "/a/b"),
        ("a/d", "hard link", 0o644, 0, "a/b"),
        ("a/e", "special", 0o644, 0, ""),
        ("a/f", "special", 0o644, 0, ""),
    ]
    assert contents(made) == {"a/b": b"text"}


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_and_names_that_are_not_utf8_are_whole(form: int) -> None:
    names = ["x" * 150 + "/" + "y" * 150, "caf\udce9.py", "日本.py"]
    assert [one.name for one in listed(tar(*map(entry, names), form=form))] == names


def test_a_file_of_several_blocks_has_all_its_bytes() -> None:
    data = bytes(range(256)) * 9
    assert contents(tar(entry("a", data), entry("b", b""), entry("c", b"z"))) == {"a": data, "b": b"", "c": b"z"}


def test_an_archive_without_its_last_blocks_is_whole() -> None:
    made = tar(entry("a", b"x" * 512))
    assert contents(made[: 512 * 2]) == {"a": b"x" * 512}


def sparse(size: str = "3000000", pieces: str = "2\n1000000\n4\n3000000\n0\n") -> bytes:
    """Return an archive with a sparse file in the format 1.0 of GNU tar: 4 bytes at offset 1,000,000."""
    info, data = entry("GNUSparseFile.0/hole", pieces.encode().ljust(512, b"\0") + b"data")
    info.pax_headers = {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": "hole",
        "GNU.sparse.realsize": size,
    }
    return tar((info, data))


def test_a_sparse_file_has_the_bytes_that_it_has_on_the_disk() -> None:
    found = contents(sparse())["hole"]
    assert found is not None
    assert len(found) == 3_000_000
    assert found.strip(b"\0") == b"data"
    assert found.index(b"data") == 1_000_000


def test_the_bytes_of_a_huge_sparse_file_are_not_made() -> None:
    assert contents(sparse(str(1 << 40), f"2\n1000000\n4\n{1 << 40}\n0\n")) == {"hole": None}


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "empty file"),
        (b"not a tar archive" * 100, "bad checksum|invalid header|truncated"),
        (tar(entry("a", b"x" * 2000))[:1500], "the end inside 'a'"),
        (tar(entry("a"), entry("b"))[:512] + b"\1" * 512, "a damaged header at byte 512"),
        (tar(entry("a"), entry("b"))[:700], "a damaged header at byte 512"),
        (tar(entry("a" * 5000)), "a name of 5000 characters"),
        (tar(entry("x" * (1 << 21))), "a header of"),
        (tar(link("a", "b" * 70_000)), "a name of 70000 characters"),
        (sparse(pieces="9\n" + "1" * 500), "not enough values"),
        (sparse(pieces="2\n9\n4\n1\n4\n"), "pieces do not fit"),
    ],
)
def test_a_damaged_archive_is_one_clear_error(data: bytes, found: str) -> None:
    with pytest.raises(EnvparityError, match=rf"^test: expected a tar archive that is whole, found: .*{found}"):
        listed(data)


@pytest.mark.parametrize("place", ["first", "middle", "last"])
@pytest.mark.parametrize("size", ["-1", "-512", str(1 << 62), "99999999999999999999999"])
def test_a_pax_header_with_a_wrong_size_ends(size: str, place: str) -> None:
    info, data = entry("a", b"x" * 600)
    info.pax_headers = {"size": size}
    before = [] if place == "first" else [entry("before")]
    behind = [] if place == "last" else [entry("behind")]
    with pytest.raises(EnvparityError, match=r"^test: expected a tar archive that is whole"):
        listed(tar(*before, (info, data), *behind))


@pytest.mark.parametrize("mtime", ["nan", "inf", "-inf", "1e300", "x"])
def test_a_pax_header_with_a_wrong_time_gives_the_time_0(mtime: str) -> None:
    info, data = entry("a", b"x")
    info.pax_headers = {"mtime": mtime}
    assert listed(tar((info, data)))[0].mtime == 0


def test_a_negative_size_in_the_header_ends() -> None:
    made = bytearray(tar(entry("a", b"x" * 600), entry("b")))
    made[124:136] = b"\xff" * 11 + b"\x00"
    made[148:156] = b" " * 8
    made[148:156] = b"%06o\0 " % sum(made[:512])
    with pytest.raises(EnvparityError, match=r"^test: expected a tar archive that is whole"):
        listed(bytes(made))
