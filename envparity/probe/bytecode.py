"""Compares .pyc files with their sources, and hashes bytecode without the path of its source.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON.
"""

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
    from typing import Any, Callable, Tuple

    from envparity.probe.text import Facts

    Source = Tuple["bytes | None", "os.stat_result | None"]  # a source's bytes and os.stat; each is None if not read

OTHER_BYTECODE = re.compile(r"\.[a-z]+-?\d")  # `x.cpython-312.pyc`, `x.cpython-311-pytest-9.0.0.pyc`, `x.pypy310.pyc`
RAW_FLAGS = {0: "timestamp", 1: "unchecked-hash", 3: "checked-hash"}
# A table for `translate` that clears the flag 0x80. marshal sets this flag in the type byte of each object that later
# references may name.
PLAIN = bytes(number & 0x7F for number in range(256))


class Bytecode:
    """Judges .pyc files by their headers, and with `recompile` also by compiling their sources again.

    `can_compile` is whether this Python compiles a source to the same bytecode as the Python of the environment.
    """

    def __init__(self, recompile: bool, can_compile: bool = True) -> None:
        self.recompile = recompile
        self.can_compile = can_compile
        # None if the environment is read from outside and its Python hashes sources in another way than this Python.
        self.source_hash: Callable[[bytes], bytes] | None = importlib.util.source_hash
        self.own_bytecode = f".{sys.implementation.cache_tag}.pyc"
        self.optimised = re.compile(rf"(.+)\.{re.escape(sys.implementation.cache_tag or '-')}\.opt-(\w+)\.pyc")

    def judge(self, facts: Facts, name: str, data: bytes, sources: dict[str, Source], parent: str) -> None:
        """Set `facts["bytecode"]` to the state of a .pyc file, for example `timestamp:fresh`, `orphan` or `broken`.

        Set nothing for a name without a Python version, such as `module.pyc`. If the file was compared with its source,
        also set `facts["normal"]` to the hash of the code without the source's path. `name` is the name of the .pyc
        file, and `data` holds its bytes. `sources` maps the name of a module to its source, and `parent` is the folder
        of these sources.
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
        if found is None or (mode != "timestamp" and (source is None or self.source_hash is None)):
            facts["bytecode"] = "unjudged"  # because the source was not read, or cannot be hashed
            return
        if mode == "timestamp":
            stamp = struct.pack("<II", int(found.st_mtime) & 0xFFFFFFFF, found.st_size & 0xFFFFFFFF)
            fresh = data[8:16] == stamp
        else:
            fresh = self.source_hash is not None and data[8:16] == self.source_hash(source or b"")
        facts["bytecode"] = mode + (":fresh" if fresh else ":stale")
        facts["normal"] = code_hash(data, os.fsencode(f"{parent}{os.sep}{module}.py"))
        if fresh:
            self._compare(facts, data[16:], source, level)

    def _compare(self, facts: Facts, code: bytes, source: bytes | None, level: str | None) -> None:
        """In `facts["bytecode"]`, change `fresh` to `altered` if the source now compiles to other bytecode than `code`.

        Compile the source only if `recompile` is set, or if `can_compile` is set and a RECORD has another hash for the
        .pyc file. If no difference is found, change the verdict of each such RECORD in `facts["claims"]` to `unhashed`,
        as if RECORD had no hash for the file. The reason: pip compiles the sources of a wheel, and replaces bytecode
        that the wheel contains. Python, too, replaces stale bytecode. RECORD then still has the hash of the wheel's
        file, so this hash says nothing about the new bytecode.
        """
        replaced = {owner for owner, one in facts.get("claims", {}).items() if one not in ("match", "unhashed")}
        recompile = self.recompile or (bool(replaced) and self.can_compile)
        if recompile and source is not None and is_altered(code, source, level):
            facts["bytecode"] = facts["bytecode"].replace("fresh", "altered")
        elif replaced:
            facts["claims"].update(dict.fromkeys(replaced, "unhashed"))


def code_hash(data: bytes, path: bytes) -> str:
    """Return the SHA-256 of the code in a .pyc file, in hex, without the path of the source.

    `data` holds the bytes of the .pyc file, and `path` is the expected path of the source. If the code has another path
    with the same file name, for example in a build folder, leave out this other path. marshal writes the path only
    once, and writes a reference for each later use.
    """
    whole = memoryview(data)
    span = file_name(data, data.find(path, 16), len(path)) or other_path(data, os.path.basename(path))
    if span is None:
        return hashlib.sha256(whole[16:]).hexdigest()
    # A reference is the number of an earlier object, and only objects with the flag 0x80 have a number. So the flag of
    # the path must stay in the hash.
    flag = bytes([data[span[0]] & 0x80])
    return hashlib.sha256(b"".join((whole[16 : span[0]], b"<source>", flag, whole[span[1] :]))).hexdigest()


def marshalled(data: bytes, start: int, length: int) -> tuple[int, int] | None:
    """Return the start and end of the text at `start`, including the type and length that marshal wrote before it.

    Return None if the bytes before `start` are not the type and length of a text with `length` bytes.
    """
    if start < 21:
        return None
    # The highest bit of the type is the flag of an object that later references use. marshal writes the length of a
    # short text in one byte.
    if length < 256 and data[start - 1] == length and data[start - 2] & 0x7F in b"zZ":
        return start - 2, start + length
    if data[start - 5] & 0x7F in b"aAut" and data[start - 4 : start] == struct.pack("<I", length):
        return start - 5, start + length
    return None


def file_name(data: bytes, start: int, length: int) -> tuple[int, int] | None:
    """Return the result of `marshalled` if the text at `start` is the file name of a code object; otherwise None.

    After the file name come the name or names of the code object, a line number and a line table. These distinguish the
    file name from a constant with the same text, which must stay in the hash.
    """
    span = marshalled(data, start, length)
    at = span[1] if span else -1
    for _ in range(2):  # a code object has two names, but only one before Python 3.11
        at = after_text(data, at)
        # The four bytes from `at` on are the line number. The fourth is zero, because no file has 2**24 lines, and no
        # marshalled object begins with a zero byte.
        if at >= 0 and data[at + 3 : at + 4] == b"\0" and data[at + 4 : at + 5].translate(PLAIN) in (b"s", b"r"):
            return span
    return None


def after_text(data: bytes, at: int) -> int:
    """Return the end of the text, or of the reference to a text, that begins at `at`; -1 if neither begins at `at`."""
    kind = data[at : at + 1].translate(PLAIN) if at >= 0 else b""
    if kind in (b"z", b"Z"):
        return at + 2 + int.from_bytes(data[at + 1 : at + 2], "little")
    if kind in (b"a", b"A", b"u", b"t"):
        return at + 5 + int.from_bytes(data[at + 1 : at + 5], "little")
    return at + 5 if kind == b"r" else -1


def other_path(data: bytes, name: bytes) -> tuple[int, int] | None:
    """Find the file name of code that was compiled under a path that is not known, for example in a build folder.

    Return where the file name begins and ends in `data`, as `file_name` does; None if no file name is found. `name` is
    the last part of the path, for example `module.py`.
    """
    end = 16
    for _ in range(16):  # the code's file name is among the first places with `name`
        start = data.find(name, end)
        if start == -1:
            return None
        end = start + len(name)
        for length in range(len(name), min(4096, end - 16)):
            # The byte before a text is its length, or the zero that ends a length of four bytes. So most lengths are
            # impossible, and `file_name` does not have to try these lengths.
            if length > 255 or data[end - length - 1] in (length, 0):
                found = file_name(data, end - length, length)
                if found:
                    return found
    return None


def is_altered(code: bytes, source: bytes, level: str | None) -> bool:
    """Return whether the marshalled `code` differs from the result of compiling `source` again.

    Return True also if `code` is malformed or `source` has a syntax error. Return False if `source` needs too much
    memory or recursion to compile. `level` is the optimisation level in the name of the .pyc file, `1` or `2`; None for
    an ordinary .pyc file.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = marshal.loads(code)  # noqa: S302 - only to compare the code, which never runs
            name = found.co_filename
        except (EOFError, ValueError, TypeError, AttributeError, MemoryError, RecursionError):
            return True
        try:
            made = compile(source, name, "exec", dont_inherit=True, optimize={"1": 1, "2": 2}.get(level or "", 0))
        except (SyntaxError, ValueError):
            return True  # no Python of this version can compile this source
        except (MemoryError, RecursionError):
            return False  # this process cannot compile the source, so the answer is unknown
        try:
            # Version 2 of marshal's format has no references, which would depend on other objects in memory.
            return marshal.dumps(found, 2) != marshal.dumps(made, 2) and code_facts(found) != code_facts(made)
        except (ValueError, RecursionError):
            return True


def code_facts(code: CodeType) -> list[Any]:
    """Return the attributes and constants of a code object, to compare it with another code object.

    Before Python 3.11, marshalled bytes are not enough for this comparison, because marshal writes a frozenset in an
    order that varies.
    """
    names = [name for name in dir(code) if name.startswith("co_") and name != "co_consts"]
    facts = [value for value in (getattr(code, name) for name in names) if not callable(value)]
    return facts + [constant(value) for value in code.co_consts]


def constant(value: Any) -> Any:
    """Return an object for comparing a constant: it distinguishes 1, 1.0 and True, and ignores a frozenset's order."""
    if hasattr(value, "co_consts"):
        return code_facts(value)
    if isinstance(value, frozenset):
        return sorted(marshal.dumps(item, 2) for item in value)
    return [constant(item) for item in value] if isinstance(value, tuple) else marshal.dumps(value, 2)
