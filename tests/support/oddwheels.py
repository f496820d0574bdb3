"""Wheels whose RECORD was built wrong, with the same faults as in wheels of real projects."""

import base64
import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

from environment_builder import record_hash
from wheels import wheel_bytes

Rows = Callable[[list[str]], Iterable[str]]


def respelled(spell: Callable[[bytes], str]) -> Rows:
    """Return a function that changes the rows of a RECORD: it writes each hash as `spell` returns it for the digest."""

    def change(rows: list[str]) -> Iterable[str]:
        for row in rows:
            path, recorded, size = row.split(",")
            yield f"{path},{spell(base64.urlsafe_b64decode(recorded.partition('=')[2] + '='))},{size}"

    return change


def core(row: Callable[[str, str, str], Iterable[str]]) -> Rows:
    """Return a function that replaces the row of core.py by the rows that `row` returns for the row's three columns."""

    def change(rows: list[str]) -> Iterable[str]:
        for one in rows:
            path, recorded, size = one.split(",")
            yield from row(path, recorded, size) if path.endswith("/core.py") else [one]

    return change


EMPTY = record_hash(b"")
ODD: dict[str, tuple[Rows, str]] = {
    # Faults as in catboost 1.1.1, furo 2022.12.7, gmsh 4.15.2 and pdm 0.1.0.
    "padding": (respelled(lambda digest: "sha256=" + base64.urlsafe_b64encode(digest).decode()), "5 hashes in another"),
    "hexadecimal": (respelled(lambda digest: f"sha256={digest.hex()}"), "5 hashes in another format"),
    "nameless": (respelled(lambda digest: base64.b64encode(digest).decode()), "5 hashes in another format"),
    "reversed": (respelled(lambda digest: f"{digest.hex()}=sha256"), "5 hashes in another format"),
    # Faults as in cmake 3.27.2.
    "folders": (lambda rows: [*rows, f"folders/,{EMPTY},0", f"folders/data,{EMPTY},0"], "2 folders"),
    "packed": (lambda rows: [*rows, f"packed-1.0.data/scripts/x,{EMPTY},0"], "1 path in .data that was never"),
    # Faults as in ortools 9.0.9048 and cppyy-cling 6.18.0.
    "absent": (lambda rows: [*rows, f"absent/gone.py,{EMPTY},0", "absent/later,,"], "2 files that the wheel does not"),
    # A fault as in pdm 0.1.0.
    "elsewhere": (lambda rows: [*rows, f"/Users/nobody/x.py,{EMPTY},0"], "1 path of another machine"),
    "unlisted": (core(lambda *_: []), "1 file without a hash"),
    "unhashed": (core(lambda path, *_: [f"{path},,"]), "1 file without a hash"),
    "sized": (core(lambda path, recorded, _: [f"{path},{recorded},7"]), "1 wrong size of a file with the right hash"),
    "twice": (core(lambda *row: [",".join(row), f"{row[0]},{record_hash(b'x')},1"]), "1 second hash for one file"),
    "literal": (core(lambda path, _, size: [f"{path},sha256={{digest}},{size}"]), "1 hash that cannot be read"),
    "unknown": (core(lambda path, _, size: [f"{path},crc32=abcd,{size}"]), "1 hash of an unknown algorithm"),
}
"""Maps the name of a wheel to a change of its RECORD, and to a part of the note's text that envparity must report."""

USUAL: dict[str, Rows] = {
    "weak": respelled(lambda digest: f"sha256={base64.urlsafe_b64encode(digest).decode().rstrip('=')}"),
    "repeated": core(lambda *row: [",".join(row)] * 2),
    "dotted": lambda rows: [f"./{row}" for row in rows],
    "itself": lambda rows: [*rows, f"itself-1.0.dist-info/RECORD,{EMPTY},0"],
    "marked": lambda rows: [f"\ufeff{rows[0]}", *rows[1:]],
    "slashed": lambda rows: [*rows, "slashed/,,", "slashed/data,,"],
    "other": core(
        lambda path, _, size: [f"{path},sha512={_text(hashlib.sha512(b'x = 1' + bytes([10])).digest())},{size}"]
    ),
}
"""Maps the name of a wheel to a change of its RECORD that needs no finding, because envparity can check the files."""


def _text(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def write_odd_wheels(folder: Path) -> list[str]:
    """Write a wheel for each entry of ODD and USUAL into a folder; return the paths of the wheels."""
    paths: list[str] = []
    for name, rows in {**{name: rows for name, (rows, _) in ODD.items()}, **USUAL}.items():
        files = {f"{name}/__init__.py": "", f"{name}/core.py": "x = 1\n", f"{name}/data/text": "text\n"}
        path = folder / f"{name}-1.0-py3-none-any.whl"
        path.write_bytes(wheel_bytes(name, "1.0", files, rows=rows))
        paths.append(str(path))
    return paths
