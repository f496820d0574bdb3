"""Tests of how the probe (the program that reads an environment) reads ELF files.

It finds the machine and the libraries of each file. No file may keep the probe busy.
"""

import struct
import sys
import time
from pathlib import Path

import pytest
from environment_builder import Environment

HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
SEGMENT = struct.Struct("<IIQQQQQQ")
SECTION = struct.Struct("<IIQQQQIIQQ")
IDENT = b"\x7fELF\x02\x01\x01" + bytes(9)
OWN = Path(sys.executable).resolve()


def header(**fields: int) -> bytes:
    """Return the ELF header of a shared object for x86-64, with `fields` in place of the usual values."""
    names = "kind machine version entry phoff shoff flags ehsize phentsize phnum shentsize shnum shstrndx".split()
    usual = {"kind": 3, "machine": 62, "version": 1, "ehsize": 64, "phentsize": 56, "shentsize": 64}
    return HEADER.pack(IDENT, *({**usual, **fields}.get(name, 0) for name in names))


def elf_of(environment: Environment, data: bytes) -> str | None:
    """Return the ELF facts about a file with these bytes. Raises AssertionError if the probe takes 30 seconds."""
    (environment.site / "module.so").write_bytes(data)
    started = time.monotonic()
    found = environment.probe().files["site/module.so"]
    assert time.monotonic() - started < 30
    assert found.sha256 is not None
    return found.elf


def hostile() -> dict[str, bytes]:
    """Return a dict from names to files that would keep a careless reader busy, or make it read outside the file."""
    huge = (1 << 64) - 1
    count = 65535
    size = 4 << 20
    every = SEGMENT.pack(2, 0, 0, 0, 0, huge, 0, 0)
    endless = header(phoff=64, phnum=count) + every * count + b"\1" * size
    names = b".text\0"
    sections = SECTION.pack(0, 1, 0, 0, 0, huge, 0, 0, 0, 0) * count
    start = 64 + len(names)
    same = header(shoff=start, shnum=count, shstrndx=count - 1) + names + sections
    dynamic = b"".join(struct.pack("<qQ", 1, 1) for _ in range(100000))
    place = 64 + 2 * 56
    load = SEGMENT.pack(1, 0, 0, 0, 0, huge, 0, 0)
    strings = place + 16 + len(dynamic)
    many = (
        header(phoff=64, phnum=2)
        + load
        + SEGMENT.pack(2, 0, place, 0, 0, huge, 0, 0)
        + struct.pack("<qQ", 5, strings)
        + dynamic
        + b"x" * size
    )
    return {
        "short": b"\x7fELF",
        "class": b"\x7fELF\x09\x01" + bytes(100),
        "order": b"\x7fELF\x02\x09" + bytes(100),
        "cut": header()[:40],
        "offsets": header(phoff=huge, phnum=1, shoff=huge, shnum=1),
        "beyond": header(phoff=1 << 40, phnum=count),
        "names": header(shoff=64, shnum=1, shstrndx=9) + bytes(64),
        "no-size": header(phoff=64, phnum=count, phentsize=0) + every,
        "endless-dynamic": endless,
        "one-section-often": same + b"\0" * size,
        "endless-names": many,
        "32-bit": b"\x7fELF\x01\x02" + b"\xff" * 200,
    }


@pytest.mark.parametrize("name", list(hostile()))
def test_hostile_files_take_a_moment(empty: Environment, name: str) -> None:
    said = elf_of(empty, hostile()[name])
    assert said is not None
    assert said.startswith(("malformed", "64-bit machine 62"))


@pytest.mark.parametrize("part", [5, 17, 63, 64, 100, 1000, 5000])
def test_every_beginning_of_a_real_elf_file_is_read_without_an_error(empty: Environment, part: int) -> None:
    assert elf_of(empty, OWN.read_bytes()[:part]) is not None
