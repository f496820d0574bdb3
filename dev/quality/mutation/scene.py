"""What a kind of mutation works with: chance, the clean snapshot, and changes that are taken back."""

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
    """One mutation about to happen."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world = world
        self.chance = chance
        self.edit: Journal = world.journal
        self.snapshot = world.clean.snapshot

    # What there is

    @property
    def site(self) -> Path:
        """site-packages."""
        return self.world.site

    @property
    def files(self) -> dict[str, File]:
        """The clean snapshot's files."""
        return self.snapshot.files

    def path(self, key: str) -> Path:
        """Where a path of the snapshot is."""
        return self.world.path(key)

    def owned(self, *suffixes: str, metadata: bool = False, least: int = 1) -> list[str]:
        """Paths of files that one distribution alone claims, and rightly; in its metadata folder or not."""
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
        """One of the paths, by chance."""
        return self.chance.choice(sorted(keys))

    def owner(self, key: str) -> Distribution:
        """The distribution that claims a path."""
        (owner,) = self.files[key].claims
        return self.snapshot.by_id[owner]

    def distribution(self, least: int = 1) -> Distribution:
        """A distribution by chance, with at least so many files outside its metadata folder that it alone claims."""
        every = [one for one in self.snapshot.distributions if len(self.files_of(one)) >= least]
        return self.chance.choice(every)

    def files_of(self, one: Distribution, *, metadata: bool = False) -> list[str]:
        """The files that a distribution alone claims, as installed; with its metadata's, RECORD among them, or not."""
        return [
            key
            for key, file in self.files.items()
            if list(file.claims) == [one.id] and (metadata or not key.startswith(f"{one.metadata}/"))
        ]

    def package(self) -> str:
        """The path of a top-level package by chance, all of whose files one distribution claims."""
        return self.one(
            place.path
            for found in self.snapshot.names.values()
            for place in found.places
            if place.kind == "package" and len(place.providers) == 1 and len(found.places) == 1
        )

    def inside(self, folder: str) -> list[str]:
        """The claimed files below a folder."""
        return [key for key, file in self.files.items() if key.startswith(f"{folder}/") and file.claims]

    def a_folder(self) -> str:
        """A folder inside an installed package, by chance."""
        return self.one({key.rpartition("/")[0] for key in self.owned(".py") if key.count("/") > 1})

    def bytecode_of(self, source: str) -> str:
        """The path of a source's bytecode."""
        folder, _, name = source.rpartition("/")
        return f"{folder}/__pycache__/{name.removesuffix('.py')}.{self.snapshot.interpreter.cache_tag}.pyc"

    def with_bytecode(self) -> list[str]:
        """Sources that have fresh bytecode."""
        return [key for key in self.owned(".py") if self.bytecode_of(key) in self.files]

    def new_name(self) -> str:
        """An import name that nothing has."""
        while True:
            name = "".join(self.chance.choices("abcdefghijklmnopqrstuvwxyz", k=8))
            if name not in self.snapshot.names:
                return name

    # Changes

    def read(self, key: str) -> bytes:
        """A file's bytes."""
        return self.path(key).read_bytes()

    def write(self, key: str, data: bytes, mode: int | None = None) -> None:
        """Write a file."""
        self.edit.write(self.path(key), data, mode)

    def flip(self, data: bytes, start: int = 0) -> bytes:
        """The same bytes, one bit of one of them flipped."""
        at = self.chance.randrange(start, len(data))
        return data[:at] + bytes([data[at] ^ 1 << self.chance.randrange(8)]) + data[at + 1 :]

    def install_file(self, one: Distribution, key: str, data: bytes) -> None:
        """A file more of a distribution, with its line in RECORD."""
        self.write(key, data)
        record = self.record(one)
        record.rows.append([os.path.relpath(self.path(key), self.site), record_hash(data), str(len(data))])
        record.save()

    def record(self, one: Distribution) -> "Record":
        """A distribution's RECORD, to be changed and saved."""
        return Record(self, one)

    def install(self, name: str, version: str, files: dict[str, bytes], *, metadata: str = "") -> str:
        """A whole distribution more, with a right RECORD; the path of its metadata folder."""
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
    """The rows of a RECORD: `path, hash, size`."""

    def __init__(self, scene: Scene, one: Distribution) -> None:
        self.scene = scene
        self.key = f"{one.metadata}/RECORD"
        text = scene.read(self.key).decode()
        self.rows = [row for row in csv.reader(text.splitlines()) if row]

    def row(self, key: str) -> list[str]:
        """The row of a path of the snapshot."""
        wanted = os.path.relpath(self.scene.path(key), self.scene.site)
        for row in self.rows:
            if row[0] == wanted:
                return row
        raise KeyError(key)

    def forge(self, key: str, data: bytes) -> None:
        """Make a row right for other bytes."""
        self.row(key)[1:] = [record_hash(data), str(len(data))]

    def save(self) -> None:
        """Write the rows."""
        self.scene.write(self.key, as_record(self.rows))


def as_record(rows: Iterable[list[str]]) -> bytes:
    """Rows as a RECORD has them."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
