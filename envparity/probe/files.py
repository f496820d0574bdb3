"""Walks an environment: hashes every file, finds the distributions that own it, and compares it with their RECORDs.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON. A RECORD
claims each path that it lists. A verdict says whether the file at this path is as in RECORD. A key is the name of a
path in the output, for example `site/package/module.py`. The first part of a key is the scheme, the name of a folder.
"""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
import stat
import threading

from envparity.probe.elf import note_elf
from envparity.probe.normal import FURNITURE, Normaliser, note_record, note_start
from envparity.probe.reading import Buffer, read_hashed
from envparity.probe.records import judge_script, verdicts
from envparity.probe.text import escaped, printable, reason, without_secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from envparity.probe.bytecode import Bytecode, Source
    from envparity.probe.elf import Elf
    from envparity.probe.places import Layout
    from envparity.probe.records import Records
    from envparity.probe.share import Share
    from envparity.probe.text import Facts

LARGE = 128 << 10  # bytes; a second thread hashes each file that has at least this size


class Scan:
    """Every file of the environment, with its hash, its owners, and the verdict of each RECORD that lists it."""

    def __init__(self, layout: Layout, records: Records, bytecode: Bytecode) -> None:
        self.layout = layout
        self.records = records
        self.expected = records.expected
        self.bytecode = bytecode
        self.normaliser = Normaliser(layout.prefixes, os.path.basename(layout.prefix), layout)
        self.files: dict[str, Facts] = {}
        self.links: dict[str, str] = {}
        self.elf: dict[str, Elf] = {}
        self.large: list[tuple[str, str, Facts] | None] = []
        self.ready = threading.Semaphore(0)
        self.failure: BaseException | None = None
        self.elsewhere: set[str] = set()

    def walk_share(self, names: set[str]) -> None:
        """In the first site folder, walk the folders whose names are in `names`."""
        scheme, folder = self.layout.sites[0]

        def walk() -> None:
            for name in sorted(names):
                path = os.path.join(folder, name)
                if os.path.isdir(path) and not os.path.islink(path):
                    self._walk(scheme, path, None, f"{scheme}/{escaped(name)}/")

        self._beside(walk)

    def _beside(self, walk: Callable[[], None]) -> None:
        """Call `walk`, while a second thread hashes the large files that the walk finds."""
        helper = threading.Thread(target=self._hash_large)
        helper.start()
        try:
            walk()
        finally:
            self._queue(None)
            helper.join()
        if self.failure:
            raise self.failure

    def run(self, share: Share | None) -> None:
        """Walk every folder; then note the claimed paths that no walk found, and call `note_record` for each RECORD.

        If `share` is given, its second process walks some of the folders at the same time.
        """
        self.elsewhere = share.names if share else set()
        self._beside(self._run_walks)
        if share and not share.collect():
            self.large = []
            self.walk_share(share.names)
        self.large = []
        self._beside(self._run_elsewhere)
        for distribution in self.records.distributions:
            note_record(self.files, distribution)
        for key, entry in self.files.items():
            if key.count("/") == 1 and FURNITURE.fullmatch(key):
                entry["role"] = "venv"

    def _queue(self, one: tuple[str, str, Facts] | None) -> None:
        self.large.append(one)
        self.ready.release()

    def _hash_large(self) -> None:
        """Hash the large files in the second thread: Python releases the GIL while a thread reads or hashes."""
        buffer = Buffer()
        try:
            for number in itertools.count():
                self.ready.acquire()
                if (one := self.large[number]) is None:
                    return
                self._hash(*one, buffer)
        except BaseException as error:  # noqa: BLE001 - `_beside` raises it again in the first thread
            self.failure = error

    def _run_elsewhere(self) -> None:
        for key in self.expected.keys() - self.files.keys():
            self._claimed_elsewhere(key)

    def _run_walks(self) -> None:
        for scheme, folder in self.layout.sites:
            self._walk(scheme, folder, None)
        if self.layout.venv:
            done = {folder for _, folder in self.layout.sites}
            done |= {os.path.realpath(folder) for folder in done}
            for scheme in ("scripts", "data"):
                root = self.layout.root_of.get(scheme)
                if root and os.path.isdir(root):
                    self._walk(scheme, root, done)
                    done.add(root)

    def _walk(  # noqa: C901 - long, because each further function would cost a call for each file
        self, scheme: str, folder: str, done: set[str] | None, start: str = ""
    ) -> None:
        """Note the files below a folder, without the folders `done`. Each key begins with `start`, or else `scheme`."""
        waiting = [(folder, start or scheme + "/")]
        files = self.files
        # The folders that the second process walks, if there is one.
        theirs = {os.path.join(self.layout.sites[0][1], name) for name in self.elsewhere}
        while waiting:
            folder, prefix = waiting.pop()
            try:
                with os.scandir(folder) as found:
                    entries = list(found)
            except OSError as error:
                files[prefix.rstrip("/")] = {"kind": "folder", "error": reason(error)}
                continue
            bytecode = None
            sources: dict[str, Source] = {}
            for entry in entries:
                name = entry.name
                key = prefix + (name if name.isascii() and "\\" not in name else escaped(name))
                try:
                    facts = entry.stat(follow_symlinks=False)
                except OSError as error:
                    files[key] = {"kind": "unknown", "error": reason(error)}
                    continue
                kind = facts.st_mode & 0o170000
                if kind == stat.S_IFREG:
                    data = self._file(key, entry.path, facts, {})
                    if name.endswith(".py"):
                        sources[name[:-3]] = (data, facts)
                elif kind == stat.S_IFDIR:
                    if name == "__pycache__":
                        bytecode = entry.path
                    elif entry.path in theirs:
                        pass
                    elif done is None or (entry.path not in done and os.path.realpath(entry.path) not in done):
                        waiting.append((entry.path, key + "/"))
                elif kind == stat.S_IFLNK:
                    source = self._link(key, entry.path)
                    if name.endswith(".py"):
                        sources[name[:-3]] = source
                elif key not in self.expected:  # `_claimed_elsewhere` judges a special file that a RECORD claims
                    files[key] = {"kind": "special"}
            if bytecode is not None:
                self._bytecode(bytecode, folder, prefix + "__pycache__", sources)

    def _file(self, key: str, path: str, found: os.stat_result, entry: Facts) -> bytes | None:
        """Note one regular file. Return its bytes; None if it cannot be read, or if the second thread will hash it."""
        size = found.st_size
        entry["size"] = size
        mode = found.st_mode & 0o555
        if mode != 0o444:
            entry["mode"] = f"{mode:03o}"
        self.files[key] = entry
        if size >= LARGE and not key.endswith((".py", ".pyc")):
            self._queue((key, path, entry))
            return None
        return self._hash(key, path, entry)

    def _hash(self, key: str, path: str, entry: Facts, buffer: Buffer | None = None) -> bytes | None:
        """Hash a file, note its verdicts, return its bytes; None with `buffer`, or if it is unreadable or too large."""
        try:
            digest, seen = read_hashed(path, entry["size"], buffer)
        except OSError as error:
            entry["error"] = reason(error)
            if key in self.expected:
                entry["claims"] = {owner: "unread" for owner, _, _ in self.expected[key]}
            return None
        self._judge(key, path, entry, digest, seen)
        return seen if isinstance(seen, bytes) else None

    def _judge(self, key: str, path: str, entry: Facts, digest: hashlib._Hash, seen: bytes | memoryview | None) -> None:
        """Note the hash, verdicts and other facts of a file; `seen` has its bytes, or is None if it is too large."""
        wanted = self.expected.get(key)
        entry["sha256"] = digest.hexdigest()
        if wanted:
            entry["claims"] = verdicts(wanted, digest.digest(), entry["size"], path, self.records.untouched)
        if seen is None or seen[:4] == b"\x7fELF":
            elf = note_elf(entry, path, seen)
            if elf:
                self.elf[key] = elf
        elif key[:4] != "site":
            text = bytes(seen)
            if wanted:
                judge_script(entry["claims"], key, text)
            self.normaliser.note_text(key, entry, text)
        elif key.endswith((".pth", "/__init__.py")):
            note_start(key, entry, bytes(seen), wanted or [])

    def _link(self, key: str, path: str) -> Source:
        """Note the target of a link, or an error if the link leads nowhere.

        If a RECORD lists the link and it leads to a file, return the results of `_file` and os.stat; else (None, None).
        """
        entry: Facts = {"kind": "link"}
        self.files[key] = entry
        wanted = self.expected.get(key)
        try:
            target = os.readlink(path)
            inside = self.layout.key(os.path.normpath(os.path.join(os.path.dirname(path), target)))
            self.links[key] = printable(target)
            if inside:
                entry["target"] = without_secrets(inside)
            found = os.stat(path)
            if wanted and stat.S_ISREG(found.st_mode):
                return self._file(key, path, found, entry), found
        except (OSError, ValueError) as error:
            entry["error"] = reason(error) if isinstance(error, OSError) else "cannot be reached"
            if getattr(error, "errno", None) in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
                entry["dangling"] = True
        if wanted:
            entry["claims"] = {owner: "unread" for owner, _, _ in wanted}
        return None, None

    def _claimed_elsewhere(self, key: str) -> None:
        """Note a claimed path that no walk found: it is missing, leads through a link, or is in no walked folder."""
        path = self.records.paths.get(key)
        if path is None:
            scheme, _, relative = key.partition("/")
            path = os.path.join(self.layout.root_of[scheme], relative)
        try:
            found = os.stat(path)
        except (OSError, ValueError) as error:
            gone = isinstance(error, (FileNotFoundError, NotADirectoryError))
            entry: Facts = {"kind": "missing"} if gone else {"kind": "unknown", "error": "cannot be reached"}
            # Bytecode in __pycache__ may be missing, because Python compiles the source again.
            entry["claims"] = {
                owner: "unhashed"
                if key.endswith(".pyc") and (not recorded or "/__pycache__/" in key)
                else "absent"
                if gone and self.records.never_there(owner, path)
                else "missing"
                for owner, recorded, _ in self.expected[key]
            }
            self.files[key] = entry
            return
        if stat.S_ISREG(found.st_mode):
            self._file(key, path, found, {"kind": "link"} if self._behind_link(path) else {})
        else:
            self.files[key] = {"kind": "special", "claims": {owner: "unread" for owner, _, _ in self.expected[key]}}

    def _behind_link(self, path: str) -> bool:
        """Return whether a path is a link, or leads through a link, below the folder of its scheme."""
        root = next((root for _, root in self.layout.roots if path.startswith(root + os.sep)), None)
        return root is not None and os.path.realpath(path) != os.path.realpath(root) + path[len(root) :]

    def _bytecode(self, folder: str, parent: str, here: str, sources: dict[str, Source]) -> None:
        """Note the files of a `__pycache__` with the key `here`, and compare bytecode with the sources in `parent`."""
        try:
            with os.scandir(folder) as found:
                entries = list(found)
        except OSError as error:
            self.files[here] = {"kind": "folder", "error": reason(error)}
            return
        for entry in entries:
            key = f"{here}/{escaped(entry.name)}"
            try:
                facts = entry.stat(follow_symlinks=False)
            except OSError as error:
                self.files[key] = {"kind": "unknown", "error": reason(error)}
                continue
            if stat.S_ISREG(facts.st_mode):
                data = self._file(key, entry.path, facts, {})
            elif stat.S_ISLNK(facts.st_mode):
                data = self._link(key, entry.path)[0]
            else:
                if key not in self.expected:
                    self.files[key] = {"kind": "folder" if stat.S_ISDIR(facts.st_mode) else "special"}
                continue
            if data is not None and entry.name.endswith(".pyc"):
                self.bytecode.judge(self.files[key], entry.name, data, sources, parent)
