"""Lists the members of a tar archive. Nothing is unpacked, and no member's size or name is trusted."""

import tarfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Literal, cast

from envparity.errors import EnvparityError
from envparity.outside.headers import FILE, Header, plain_header
from envparity.outside.regions import CHUNK, Region, RegionFile
from envparity.outside.spool import Spool

ENTRIES_AT_MOST = 1_000_000  # the members of all layers of an image together
NAME_AT_MOST = 4096  # bytes of a name or of the target of a link, as for a path in Linux
_HEADER_AT_MOST = 1 << 20  # bytes of a pax header or of a long name
_SPARSE_AT_MOST = 1 << 30  # bytes; the probe reports a larger sparse file as a file that cannot be read
_BLOCK = 512

Kind = Literal["file", "folder", "link", "hard link", "special"]
_KINDS: dict[bytes, Kind] = {
    tarfile.DIRTYPE: "folder",
    tarfile.SYMTYPE: "link",
    tarfile.LNKTYPE: "hard link",
    tarfile.CHRTYPE: "special",
    tarfile.BLKTYPE: "special",
    tarfile.FIFOTYPE: "special",
}


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an archive. `target` is the text of a symbolic link, or the member that a hard link names.

    `content` is the region of a file's bytes; None if the archive does not have these bytes in a readable form.
    """

    name: str
    kind: Kind
    mode: int = 0o644
    mtime: int = 0
    size: int = 0
    target: str = ""
    content: Region | None = None


def members(region: Region, spool: Spool, what: str) -> Iterator[Member]:
    """Yield the members of the uncompressed archive in `region`, in order.

    `what` names the archive in errors. `spool` takes the bytes of sparse files, which the archive has in pieces. Raise
    EnvparityError if the archive is damaged, or if a header is larger than a limit.
    """
    file = RegionFile(region, _HEADER_AT_MOST)
    try:
        # tarfile only calls read, seek and tell.
        archive = tarfile.TarFile(
            fileobj=cast("tarfile._Fileobj", file), encoding="utf-8", errors="surrogateescape", ignore_zeros=False
        )
        end = yield from _each(archive, file, region, spool)
        _check_end(region, end)
    except (tarfile.TarError, ValueError, OverflowError, IndexError, EOFError, RecursionError) as error:
        raise EnvparityError(f"{what}: expected a tar archive that is whole, found: {_short(error)}") from error


def _each(archive: tarfile.TarFile, file: RegionFile, region: Region, spool: Spool) -> Generator[Member, None, int]:
    """Yield each member, and return the offset after the last good member.

    `tarfile` reads the headers that are not plain. When tarfile finds a wrong size in a pax header, it only reports
    that no member follows. Its own offset is then after the damaged member, so `_check_end` cannot use that offset.
    """
    kept: list[tarfile.TarInfo] = vars(archive)["members"]
    if not kept:  # tarfile has already looked for the first header, and found no member
        return 0
    last = -1
    while (found := archive.next()) is not None:
        kept.clear()  # tarfile keeps every member otherwise
        if archive.offset <= last or found.size < 0:
            raise ValueError(f"a header with the size {found.size}")
        yield _member(found, region, spool)
        while not archive.pax_headers and (plain := _plain(file, archive.offset)) is not None:
            start = archive.offset + _BLOCK
            archive.offset = start + plain.blocks
            yield _plain_member(plain, start, region)
        last = archive.offset
    return last


def _plain(file: RegionFile, offset: int) -> Header | None:
    file.seek(offset)
    return plain_header(file.read(_BLOCK))


def _plain_member(found: Header, start: int, region: Region) -> Member:
    mode = found.mode & 0o7777
    if found.kind != FILE:
        return Member(found.name, _KINDS[found.kind], mode, found.mtime, target=found.target)
    if start + found.size > region.size:
        raise ValueError(f"the end inside {found.name[:80]!r}")
    return Member(found.name, "file", mode, found.mtime, found.size, content=region.part(start, found.size))


def _short(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:200]


def _member(found: tarfile.TarInfo, region: Region, spool: Spool) -> Member:
    name, target = found.name, found.linkname
    if max(len(name), len(target)) > NAME_AT_MOST:
        raise ValueError(f"a name of {max(len(name), len(target))} characters, more than {NAME_AT_MOST}")
    if "\0" in name or "\0" in target:
        raise ValueError("a name with a NUL byte")
    mtime = int(found.mtime) if abs(found.mtime) < 1 << 62 else 0  # false for NaN and the infinities
    mode = found.mode & 0o7777
    kind = _KINDS.get(found.type, "file")
    if kind != "file":
        return Member(name, kind, mode, mtime, target=target)
    if found.issparse():
        return Member(name, kind, mode, mtime, found.size, content=_sparse(found, region, spool))
    if found.offset_data + found.size > region.size:
        raise ValueError(f"the end inside {name[:80]!r}")
    return Member(name, kind, mode, mtime, found.size, content=region.part(found.offset_data, found.size))


def _sparse(found: tarfile.TarInfo, region: Region, spool: Spool) -> Region | None:
    """Write the bytes of a sparse file to `spool`, with the zeros that the archive leaves out, and return the region.

    Return None if the file has more than _SPARSE_AT_MOST bytes.
    """
    pieces = cast("list[tuple[int, int]]", getattr(found, "sparse", None) or [])
    if found.size > _SPARSE_AT_MOST:
        return None

    def chunks() -> Iterator[bytes]:
        at, source = 0, found.offset_data
        for offset, size in [*pieces, (found.size, 0)]:
            if offset < at or size < 0 or offset + size > found.size or source + size > region.size:
                raise ValueError("a sparse file whose pieces do not fit")
            for zeros in range(at, offset, CHUNK):
                yield bytes(min(CHUNK, offset - zeros))
            yield from region.part(source, size).chunks()
            at, source = offset + size, source + size

    return spool.add(chunks(), "a sparse file")


def _check_end(region: Region, offset: int) -> None:
    """Raise ValueError if `offset`, which is after the last good member, is not the end of the archive."""
    if region.read(offset, _BLOCK).strip(b"\0"):
        raise ValueError(f"a damaged header at byte {offset}")
    if offset > region.size:
        raise ValueError("the end inside a file")
