"""The tools with which a mutation makes its one change to a copy of an environment; envparity must report the change.

The tools are random choices, changes that can be undone, and the snapshot of the clean copy, which lists its files and
distributions. A key is a path in the snapshot, such as `site/libp2p/__init__.py`. Its first part names a folder of the
environment; `site` is site-packages. A distribution claims a file if its RECORD lists the file.
"""

import csv
import io
import os.path
import random
from collections.abc import Iterable
from pathlib import Path

from environment_builder import record_hash

from dev.quality.mutation.journal import Journal
from dev.quality.mutation.world import World
from envparity.snapshot.types import Distribution, File


class Scene:
    """The state of one mutation: the copy of the environment, random numbers, and the snapshot before the change."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world = world
        self.chance = chance
        self.edit: Journal = world.journal
        self.snapshot = world.clean.snapshot

    # Reading the environment

    @property
    def site(self) -> Path:
        """Return the path of site-packages."""
        return self.world.site

    @property
    def files(self) -> dict[str, File]:
        """Return a dict from key to file, for all files of the clean snapshot."""
        return self.snapshot.files

    def path(self, key: str) -> Path:
        """Return the file system path of a key."""
        return self.world.path(key)

    def owned(self, *suffixes: str, metadata: bool = False, least: int = 1) -> list[str]:
        """Return the keys of files in site-packages that exactly one distribution claims, and that match its RECORD.

        With `metadata`, return only files inside the metadata folders, otherwise only files outside. Each file has at
        least `least` bytes. If `suffixes` are given, the name of each file ends with one of them.
        """
        return [
            key
            for key, file in self.files.items()
            if file.kind == "file"
            and list(file.claims.values()) == ["match"]
            and file.size >= least
            and (".dist-info/" in key) is metadata
            and key.startswith("site/")
            and (not suffixes or key.endswith(suffixes))
        ]

    def one(self, keys: Iterable[str]) -> str:
        """Return a random key of `keys`."""
        return self.chance.choice(sorted(keys))

    def owner(self, key: str) -> Distribution:
        """Return the distribution that claims a file. Raises ValueError if no distribution, or several, claim it."""
        (owner,) = self.files[key].claims
        return self.snapshot.by_id[owner]

    def distribution(self, least: int = 1) -> Distribution:
        """Return a random distribution that alone claims at least `least` files outside its metadata folder."""
        every = [one for one in self.snapshot.distributions if len(self.files_of(one)) >= least]
        return self.chance.choice(every)

    def files_of(self, one: Distribution, *, metadata: bool = False) -> list[str]:
        """Return the keys of the files that only this distribution claims.

        Files in its metadata folder are left out, unless `metadata` is set.
        """
        return [
            key
            for key, file in self.files.items()
            if list(file.claims) == [one.id] and (metadata or not key.startswith(f"{one.metadata}/"))
        ]

    def package(self) -> str:
        """Return the key of a random top-level package that only one distribution provides."""
        return self.one(
            place.path
            for found in self.snapshot.names.values()
            for place in found.places
            if place.kind == "package" and len(place.providers) == 1 and len(found.places) == 1
        )

    def inside(self, folder: str) -> list[str]:
        """Return the keys of the claimed files below a folder: the files that at least one distribution claims."""
        return [key for key, file in self.files.items() if key.startswith(f"{folder}/") and file.claims]

    def a_folder(self) -> str:
        """Return the key of a random folder with source files inside an installed package."""
        return self.one({key.rpartition("/")[0] for key in self.owned(".py") if key.count("/") > 1})

    def bytecode_of(self, source: str) -> str:
        """Return the key of the bytecode of the source file `source`."""
        folder, _, name = source.rpartition("/")
        return f"{folder}/__pycache__/{name.removesuffix('.py')}.{self.snapshot.interpreter.cache_tag}.pyc"

    def with_bytecode(self) -> list[str]:
        """Return the keys of the source files that have bytecode."""
        return [key for key in self.owned(".py") if self.bytecode_of(key) in self.files]

    def new_name(self) -> str:
        """Return a random import name that is not in use."""
        while True:
            name = "".join(self.chance.choices("abcdefghijklmnopqrstuvwxyz", k=8))
            if name not in self.snapshot.names:
                return name

    # Changing the environment

    def read(self, key: str) -> bytes:
        """Return the bytes of a file."""
        return self.path(key).read_bytes()

    def write(self, key: str, data: bytes, mode: int | None = None) -> None:
        """Write a file with the permissions `mode`, by default those of the old file, or 0o644 for a new file."""
        self.edit.write(self.path(key), data, mode)

    def flip(self, data: bytes, start: int = 0) -> bytes:
        """Return the same bytes with one bit flipped, at or after the offset `start`."""
        at = self.chance.randrange(start, len(data))
        return data[:at] + bytes([data[at] ^ 1 << self.chance.randrange(8)]) + data[at + 1 :]

    def install_file(self, one: Distribution, key: str, data: bytes) -> None:
        """Add a file to a distribution, and a line for the file to RECORD."""
        self.write(key, data)
        record = self.record(one)
        record.rows.append([os.path.relpath(self.path(key), self.site), record_hash(data), str(len(data))])
        record.save()

    def record(self, one: Distribution) -> "Record":
        """Return a distribution's RECORD, which the caller can change and save."""
        return Record(self, one)

    def install(self, name: str, version: str, files: dict[str, bytes], *, metadata: str = "") -> str:
        """Install an additional distribution with a correct RECORD; return the key of its metadata folder.

        The names in `files` are relative to site-packages. `metadata` has additional lines for METADATA.
        """
        info = f"{name.replace('-', '_')}-{version}.dist-info"
        every = dict(files)
        every[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}\n".encode()
        every[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: mutation\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        every[f"{info}/INSTALLER"] = b"uv"
        rows = [[path, record_hash(data), str(len(data))] for path, data in every.items()]
        every[f"{info}/RECORD"] = as_record([*rows, [f"{info}/RECORD", "", ""]])
        for path, data in every.items():
            self.write(f"site/{path}", data)
        return f"site/{info}"


class Record:
    """The rows of a distribution's RECORD; each row is a list of path, hash and size."""

    def __init__(self, scene: Scene, one: Distribution) -> None:
        self.scene = scene
        self.key = f"{one.metadata}/RECORD"
        text = scene.read(self.key).decode()
        self.rows = [row for row in csv.reader(text.splitlines()) if row]

    def row(self, key: str) -> list[str]:
        """Return the row of the file `key`. Raises KeyError if RECORD does not list the file."""
        wanted = os.path.relpath(self.scene.path(key), self.scene.site)
        for row in self.rows:
            if row[0] == wanted:
                return row
        raise KeyError(key)

    def forge(self, key: str, data: bytes) -> None:
        """Update the row of the file `key` to match the bytes `data`. Raises KeyError if RECORD has no such row."""
        self.row(key)[1:] = [record_hash(data), str(len(data))]

    def save(self) -> None:
        """Write the rows to the RECORD."""
        self.scene.write(self.key, as_record(self.rows))


def as_record(rows: Iterable[list[str]]) -> bytes:
    """Return rows encoded as the text of a RECORD."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
