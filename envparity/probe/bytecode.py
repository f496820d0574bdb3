"""Judge bytecode against its source, and hash bytecode without the path of the file that it was compiled from."""

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

    Source = Tuple["bytes | None", "os.stat_result | None"]  # bytes and status of a source; None if not read

OTHER_BYTECODE = re.compile(r"\.[a-z]+-?\d")  # `x.cpython-312.pyc`, `x.cpython-311-pytest-9.0.0.pyc`, `x.pypy310.pyc`
RAW_FLAGS = {0: "timestamp", 1: "unchecked-hash", 3: "checked-hash"}
PLAIN = bytes(
    number & 0x7F for number in range(256)
)  # maps a type byte of marshal to the same byte without its flag for later references


class Bytecode:
    """Judges bytecode: by its header, and with `recompile` also by compiling its source again."""

    def __init__(self, recompile: bool) -> None:
        self.recompile = recompile
        self.own_bytecode = f".{sys.implementation.cache_tag}.pyc"
        self.optimised = re.compile(rf"(.+)\.{re.escape(sys.implementation.cache_tag or '-')}\.opt-(\w+)\.pyc")

    def judge(self, facts: Facts, name: str, data: bytes, sources: dict[str, Source], parent: str) -> None:
        """Set `bytecode` to the state of the file `name`; if it has a readable source, also set `normal` to its hash.

        `data` holds its bytes, `sources` the sources by module name, and `parent` is the folder of these sources.
        """
        level = None
        if name.endswith(self.own_bytecode):
            module = name[: -len(self.own_bytecode)]
        else:
            named = self.optimised.fullmatch(name)
            if named is None:
                if OTHER_BYTECODE.search(name):
                    facts["bytecode"] = "other-interpreter"  # this interpreter never reads a file with such a name
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
            facts["bytecode"] = "unjudged"  # because its source was not read
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
    """Return the hash of marshalled code without the path of the file that it was compiled from.

    `path` is the expected path. marshal writes the path once; every later use of the path is a reference to it.
    """
    whole = memoryview(data)
    span = file_name(data, data.find(path, 16), len(path)) or other_path(data, os.path.basename(path))
    if span is None:
        return hashlib.sha256(whole[16:]).hexdigest()
    digest = hashlib.sha256(whole[16 : span[0]])
    # A reference is the number of an earlier object, and only objects with a flag have a number. So the flag of the
    # path must stay in the hash.
    digest.update(b"<source>" + bytes([data[span[0]] & 0x80]))
    digest.update(whole[span[1] :])
    return digest.hexdigest()


def marshalled(data: bytes, start: int, length: int) -> tuple[int, int] | None:
    """Return where the text at `start` begins and ends, counting the type and length that marshal wrote before it.

    Return None if they are not those of a text with `length` bytes.
    """
    if start < 21:
        return None
    # The highest bit of the type is the flag of an object that later references use. A short text has its length in one
    # byte.
    if length < 256 and data[start - 1] == length and data[start - 2] & 0x7F in b"zZ":
        return start - 2, start + length
    if data[start - 5] & 0x7F in b"aAut" and data[start - 4 : start] == struct.pack("<I", length):
        return start - 5, start + length
    return None


def file_name(data: bytes, start: int, length: int) -> tuple[int, int] | None:
    """Return the same as `marshalled`, but only for the file name of a code object; None for any other text.

    After the file name come the name or names of the code object, a line number and a line table. A constant with the
    same text as the file name must stay in the hash, so that a change of the constant changes the hash.
    """
    span = marshalled(data, start, length)
    at = span[1] if span else -1
    for _ in range(2):  # a code object has two names, before 3.11 only one
        at = after_text(data, at)
        # These four bytes are the line number. Its fourth byte is zero, because no file has so many lines, and no
        # marshalled object begins with a zero.
        if at >= 0 and data[at + 3 : at + 4] == b"\0" and data[at + 4 : at + 5].translate(PLAIN) in (b"s", b"r"):
            return span
    return None


def after_text(data: bytes, at: int) -> int:
    """Return the end of the text, or of the reference to a text, that begins at `at`; -1 if neither begins there."""
    kind = data[at : at + 1].translate(PLAIN) if at >= 0 else b""
    if kind in (b"z", b"Z"):
        return at + 2 + int.from_bytes(data[at + 1 : at + 2], "little")
    if kind in (b"a", b"A", b"u", b"t"):
        return at + 5 + int.from_bytes(data[at + 1 : at + 5], "little")
    return at + 5 if kind == b"r" else -1


def other_path(data: bytes, name: bytes) -> tuple[int, int] | None:
    """Return the same as `file_name` for code that was compiled under another path, as in a staging folder."""
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
            return True  # no Python of this version can compile this source
        except (MemoryError, RecursionError):
            return False  # this process cannot compile the source, so it cannot tell
        try:
            # Version 2 of the format has no references, which depend on what else the compiler had in memory.
            return marshal.dumps(found, 2) != marshal.dumps(made, 2) and code_facts(found) != code_facts(made)
        except (ValueError, RecursionError):
            return True


def code_facts(code: CodeType) -> list[Any]:
    """Return everything that makes up a code object, to compare it.

    Before 3.11 its marshalled bytes are not enough: marshal writes a frozenset in an order that varies.
    """
    names = [name for name in dir(code) if name.startswith("co_") and name != "co_consts"]
    facts = [value for value in (getattr(code, name) for name in names) if not callable(value)]
    return facts + [constant(value) for value in code.co_consts]


def constant(value: Any) -> Any:
    """Return a constant in a form to compare: its marshalled bytes, because in Python 1 == 1.0 == True."""
    if hasattr(value, "co_consts"):
        return code_facts(value)
    if isinstance(value, frozenset):
        return sorted(marshal.dumps(item, 2) for item in value)
    return [constant(item) for item in value] if isinstance(value, tuple) else marshal.dumps(value, 2)
