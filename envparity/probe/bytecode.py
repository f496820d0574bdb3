"""Bytecode: judged against its source, and hashed without the name of the file that it was compiled from."""

from __future__ import annotations

import hashlib
import importlib.util
import marshal
import os
import re
import struct
import sys
import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, Tuple

    from envparity.probe.text import Facts

    Source = Tuple["bytes | None", "os.stat_result | None"]  # None where it was not read

OTHER_BYTECODE = re.compile(r"\.[a-z]+-?\d")  # `x.cpython-312.pyc`, `x.cpython-311-pytest-9.0.0.pyc`, `x.pypy310.pyc`
RAW_FLAGS = {0: "timestamp", 1: "unchecked-hash", 3: "checked-hash"}
PLAIN = bytes(
    number & 0x7F for number in range(256)
)  # a type that marshal wrote, without the flag of a later reference


class Bytecode:
    """How bytecode is judged: by its header, and with `recompile` by compiling its source again."""

    def __init__(self, recompile: bool) -> None:
        self.recompile = recompile
        self.own_bytecode = f".{sys.implementation.cache_tag}.pyc"
        self.optimised = re.compile(rf"(.+)\.{re.escape(sys.implementation.cache_tag or '-')}\.opt-(\w+)\.pyc")

    def judge(self, facts: Facts, name: str, data: bytes, sources: dict[str, Source], parent: str) -> None:
        level = None
        if name.endswith(self.own_bytecode):
            module = name[: -len(self.own_bytecode)]
        else:
            named = self.optimised.fullmatch(name)
            if named is None:
                if OTHER_BYTECODE.search(name):
                    facts["bytecode"] = "other-interpreter"  # its name says so: this interpreter never reads it
                return
            module, level = named.groups()
        if len(data) < 16 or data[:4] != importlib.util.MAGIC_NUMBER:
            facts["bytecode"] = "broken" if len(data) < 16 else "other-magic"
            return
        mode = RAW_FLAGS.get(int.from_bytes(data[4:8], "little"), "broken")
        if mode == "broken":
            facts["bytecode"] = "broken:flags"
            return
        if module not in sources:
            facts["bytecode"] = "orphan"
            return
        source, found = sources[module]
        if found is None or (source is None and mode != "timestamp"):
            facts["bytecode"] = "unjudged"  # its source was not read
            return
        if mode == "timestamp":
            stamp = struct.pack("<II", int(found.st_mtime) & 0xFFFFFFFF, found.st_size & 0xFFFFFFFF)
            fresh = data[8:16] == stamp
        else:
            fresh = data[8:16] == importlib.util.source_hash(source or b"")
        facts["bytecode"] = mode + (":fresh" if fresh else ":stale")
        facts["normal"] = code_hash(data, os.fsencode(f"{parent}{os.sep}{module}.py"))
        if self.recompile and fresh and source is not None and is_altered(data[16:], source, level):
            facts["bytecode"] = mode + ":altered"


def code_hash(data: bytes, path: bytes) -> str:
    """Return the hash of marshalled code without the name of the file that it was compiled from, however long that is.

    marshal writes the name once; every later use of the name is a reference to it.
    """
    whole = memoryview(data)
    span = file_name(data, data.find(path, 16), len(path)) or other_path(data, os.path.basename(path))
    if span is None:
        return hashlib.sha256(whole[16:]).hexdigest()
    digest = hashlib.sha256(whole[16 : span[0]])
    # Each later reference is a number, and counts this name only if its flag says so.
    digest.update(b"<source>" + bytes([data[span[0]] & 0x80]))
    digest.update(whole[span[1] :])
    return digest.hexdigest()


def marshalled(data: bytes, start: int, length: int) -> tuple[int, int] | None:
    """Return where the text at `start` begins and ends with the type and length that marshal wrote before it."""
    if start < 21:
        return None
    # The highest bit of the type flags an object that is referred to later; short texts have a length of one byte.
    if length < 256 and data[start - 1] == length and data[start - 2] & 0x7F in b"zZ":
        return start - 2, start + length
    if data[start - 5] & 0x7F in b"aAut" and data[start - 4 : start] == struct.pack("<I", length):
        return start - 5, start + length
    return None


def file_name(data: bytes, start: int, length: int) -> tuple[int, int] | None:
    """Return the same for the file name of a code object: its name or names, a line number and a line table follow.

    A constant with the same text must stay in the hash, because what the hash leaves out could be anything.
    """
    span = marshalled(data, start, length)
    at = span[1] if span else -1
    for _ in range(2):  # before 3.11 there is one name
        at = after_text(data, at)
        # These four bytes are the line number: no file needs the fourth, and no object begins with a zero.
        if at >= 0 and data[at + 3 : at + 4] == b"\0" and data[at + 4 : at + 5].translate(PLAIN) in (b"s", b"r"):
            return span
    return None


def after_text(data: bytes, at: int) -> int:
    """Return where the text, or the reference to a text, that marshal wrote at `at` ends; -1 where there is neither."""
    kind = data[at : at + 1].translate(PLAIN) if at >= 0 else b""
    if kind in (b"z", b"Z"):
        return at + 2 + int.from_bytes(data[at + 1 : at + 2], "little")
    if kind in (b"a", b"A", b"u", b"t"):
        return at + 5 + int.from_bytes(data[at + 1 : at + 5], "little")
    return at + 5 if kind == b"r" else -1


def other_path(data: bytes, name: bytes) -> tuple[int, int] | None:
    """Return the same for code that was compiled under another path: the path of a staging folder or of a link."""
    end = 16
    for _ in range(16):  # the code's own file name is among its first texts
        start = data.find(name, end)
        if start == -1:
            return None
        end = start + len(name)
        for length in range(len(name), min(4096, end - 16)):
            found = file_name(data, end - length, length)
            if found:
                return found
    return None


def is_altered(code: bytes, source: bytes, level: str | None) -> bool:
    """Return whether bytecode differs from what its source compiles to."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = marshal.loads(code)  # noqa: S302 - only with --bytecode, and never run
            name = found.co_filename
        except (EOFError, ValueError, TypeError, AttributeError, MemoryError, RecursionError):
            return True
        try:
            made = compile(source, name, "exec", dont_inherit=True, optimize={"1": 1, "2": 2}.get(level or "", 0))
        except (SyntaxError, ValueError):
            return True  # no Python of this version made it from this source
        except (MemoryError, RecursionError):
            return False  # this process cannot tell
        try:
            # Version 2 writes no references: those depend on what else the compiling process held in memory.
            return marshal.dumps(found, 2) != marshal.dumps(made, 2) and code_facts(found) != code_facts(made)
        except (ValueError, RecursionError):
            return True


def code_facts(code: CodeType) -> list[Any]:
    """List everything that makes up a code object: before 3.11 marshal writes a frozenset in an order that varies."""
    names = [name for name in dir(code) if name.startswith("co_") and name != "co_consts"]
    facts = [value for value in (getattr(code, name) for name in names) if not callable(value)]
    return facts + [constant(value) for value in code.co_consts]


def constant(value: Any) -> Any:
    """Return a form of a constant that can be compared: its bytes, because 1 == 1.0 == True."""
    if hasattr(value, "co_consts"):
        return code_facts(value)
    if isinstance(value, frozenset):
        return sorted(marshal.dumps(item, 2) for item in value)
    return [constant(item) for item in value] if isinstance(value, tuple) else marshal.dumps(value, 2)
