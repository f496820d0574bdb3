"""Reads ELF files: the machine that each file is for, and the libraries that the file asks for.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import hashlib
import struct

from envparity.probe.reading import read, read_start
from envparity.probe.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envparity.probe.text import Facts

ELF_AT_MOST = 1 << 30  # bytes


class Elf:
    """The machine that an ELF file is for, and the libraries that the file asks for. The file is read, never run.

    `data` holds the bytes of the file. Chapters 4 and 5 of the System V ABI describe the layout. A hostile file may
    claim any number of entries, so each loop has its own limit. Raise ValueError, struct.error or IndexError if the
    file is malformed.
    """

    ENTRIES = 10000  # the most entries of a dynamic section that are read
    NAME = 4096  # the most bytes of a name that are read

    def __init__(self, data: bytes | memoryview, path: str) -> None:
        self.path = path
        self.order = {1: "<", 2: ">"}.get(data[5], "")
        if data[4] not in (1, 2) or not self.order:
            raise ValueError("neither class nor byte order")
        self.wide = data[4] == 2
        (machine,) = struct.unpack_from(self.order + "H", data, 18)
        self.kind = f"{64 if self.wide else 32}-bit machine {machine}"
        self.needed: list[str] = []
        self.rpath: list[str] = []
        self.runpath: list[str] = []
        self.soname = ""
        self.build = ""
        program, sections = struct.unpack_from(
            self.order + ("QQ" if self.wide else "II"), data, 32 if self.wide else 28
        )
        size, count, *rest = struct.unpack_from(self.order + "HHHHH", data, 54 if self.wide else 42)
        self.sections = (sections, *rest)
        segments = [self._segment(data, program + number * size) for number in range(count)]
        self._dynamic(data, segments)
        for kind, start, _, length in segments:
            if kind == 4 and not self.build:
                self.build = self._build_in(data, start, min(start + length, len(data)))

    def _segment(self, data: bytes | memoryview, offset: int) -> tuple[int, int, int, int]:
        if self.wide:
            kind, _, start, address, _, size = struct.unpack_from(self.order + "IIQQQQ", data, offset)
        else:
            kind, start, address, _, size = struct.unpack_from(self.order + "IIIII", data, offset)
        return kind, start, address, size

    def _dynamic(self, data: bytes | memoryview, segments: list[tuple[int, int, int, int]]) -> None:
        words = struct.Struct(self.order + ("qQ" if self.wide else "iI"))
        start, size = next(((start, size) for kind, start, _, size in segments if kind == 2), (0, 0))
        found: dict[int, list[int]] = {}
        end = min(start + size, len(data) - words.size + 1, start + self.ENTRIES * words.size)
        for offset in range(start, end, words.size):
            tag, value = words.unpack_from(data, offset)
            if tag == 0:
                break
            found.setdefault(tag, []).append(value)
        strings = found.get(5, [0])[0]
        table = next(
            (
                start + strings - address
                for kind, start, address, size in segments
                if kind == 1 and address <= strings < address + size
            ),
            None,
        )
        if table is None:
            return

        def text(value: int) -> str:
            name, end, _ = bytes(data[table + value : table + value + self.NAME]).partition(b"\0")
            return name.decode("utf-8", "backslashreplace") if end else ""

        self.needed = [name for name in map(text, found.get(1, ())) if name]
        self.soname = text(found[14][0]) if 14 in found else ""
        self.rpath = [part for value in found.get(15, ())[:9] for part in text(value).split(":") if part]
        self.runpath = [part for value in found.get(29, ())[:9] for part in text(value).split(":") if part]

    def _build_in(self, data: bytes | memoryview, at: int, end: int) -> str:
        """Return the GNU build ID in the ELF notes between `at` and `end`, in hex; an empty text if it is missing."""
        for _ in range(100):
            if at + 16 > end:
                break
            name, size, kind = struct.unpack_from(self.order + "III", data, at)
            start = at + 12 + -(-name // 4) * 4
            if kind == 3 and data[at + 12 : at + 16] == b"GNU\0":
                return data[start : min(start + size, end)][:64].hex()
            at = start + -(-size // 4) * 4
        return ""

    def normal(self, data: bytes | memoryview) -> str | None:
        """Return the SHA-256 of the sections .text and .rodata alone, in hex; None if the file has neither.

        This hash does not change if a tool such as patchelf changes a path in the file.
        """
        start, size, count, names = self.sections
        if not start or not count:
            return None
        words = self.order + ("IIQQQQ" if self.wide else "IIIIII")
        rows = [struct.unpack_from(words, data, start + number * size) for number in range(count)]
        table = rows[names][4]
        digest = hashlib.sha256()
        missing = [b".text\0", b".rodata\0"]
        for name, _, _, _, offset, length in rows:
            label = bytes(data[table + name : table + name + 8])
            for wanted in missing:
                if label.startswith(wanted):
                    missing.remove(wanted)  # only the first section of each name: a hostile file may have a thousand
                    digest.update(wanted[:-1])
                    digest.update(memoryview(data)[offset : offset + length])
                    break
        return digest.hexdigest() if len(missing) < 2 else None


def note_elf(entry: Facts, path: str, data: bytes | memoryview | None) -> Elf | None:
    """Note an ELF file in `entry`, and return the parsed file; change nothing and return None for any other file.

    Set `elf` to the word size and machine, and `normal` to the result of `Elf.normal`. `data` holds the bytes of an ELF
    file. `data` is None for a file that is too large to be read whole. Then this function finds out whether `path` is
    an ELF file. If the file is malformed or cannot be read, set `elf` to the reason. Then the result is None, except if
    only the table of sections is malformed.
    """
    elf = None
    try:
        if data is None:
            if read_start(path) != b"\x7fELF":
                return None
            data = read(path, ELF_AT_MOST)
        elf = Elf(data, path)
        entry["elf"] = elf.kind
        normal = elf.normal(data)
        if normal:
            entry["normal"] = normal
    except (OSError, struct.error, IndexError, ValueError, OverflowError, MemoryError) as error:
        entry["elf"] = f"malformed: {printable(str(error))[:100]}"
    return elf
