"""The `Distribution` class: one installed distribution, as its metadata describes it.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import stat

from envparity.probe.editables import egg_of
from envparity.probe.reading import METADATA_AT_MOST, names_in, read
from envparity.probe.text import SHOWN_AT_MOST, escaped, printable, printable_json, reason, without_secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from envparity.probe.text import Facts

EGG_AT_MOST = 256 << 20  # bytes of an egg that is one zip file
SECOND = 10**9  # nanoseconds
# The installers that write RECORD last. The file INSTALLER begins with the name of the installer.
CAREFUL = re.compile(r"(pip|uv|poetry|pdm)\b", re.IGNORECASE)


class Distribution:
    """One installed distribution, as its metadata folder or metadata file describes it.

    `entry_name` is the name of this folder or file in the site folder `folder`, and `is_folder` is whether it is a
    folder. `scheme` is the name of the site folder in the probe's output, for example `site`.
    """

    def __init__(self, scheme: str, folder: str, entry_name: str, is_folder: bool) -> None:
        self.scheme = scheme
        self.folder = folder
        self.base = entry_name
        self.path = os.path.join(folder, entry_name)
        self.is_folder = is_folder
        self.key = f"{scheme}/{escaped(entry_name)}"
        self.rows: list[list[str]] = []
        self.row_keys: list[str | None] = []  # the key of each row's file; None: outside the environment; "": no file
        self.problems: list[str] = []
        self.source: str | None = None  # the URL of the local file or folder from which it was installed
        self.odd = {"data": 0, "duplicate": 0, "elsewhere": 0, "folder": 0, "separator": 0, "spelling": 0}
        self.packed = entry_name[: -len("dist-info")] + "data/"
        self.project: str | None = None  # the folder of an editable install
        self.link: str | None = None  # the text of an egg-link
        self.names = frozenset(names_in(self.path)) if is_folder else frozenset()
        stem, _, kind = entry_name.rpartition(".")
        # The file name of an egg-link has no version, but it may have hyphens from an old setuptools.
        name, _, version = (stem, "", "") if kind == "egg-link" else stem.partition("-")
        self.facts: Facts = {
            "id": "",
            "name": escaped(name),
            "version": escaped(version.split("-")[0]) or None,
            "metadata": self.key,
            "format": kind,
            "record": "missing",
        }
        if kind == "egg":
            self._metadata("EGG-INFO/PKG-INFO", self._text("EGG-INFO/PKG-INFO") if is_folder else self._zipped())
        elif kind == "dist-info":
            self._dist_info()
        elif kind == "egg-link":
            self._egg_link()
        else:
            self._egg_info()

    def _bytes(self, name: str) -> bytes | None:
        """Return the bytes of a metadata file, or None if the file is missing or cannot be read.

        Note an unreadable file in `problems`. An empty `name` means the file `self.path`, for example an egg-link.
        """
        try:
            return read(os.path.join(self.path, name) if name else self.path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            self.problems.append(f"{escaped(name or self.base)}: {reason(error)}")
            return None

    def _text(self, name: str) -> str | None:
        """Return the text of a metadata file, or None if the file is missing or cannot be read."""
        data = self._bytes(name)
        return None if data is None else data.decode("utf-8", "surrogateescape")

    def _zipped(self) -> str | None:
        """Return the text of PKG-INFO in an egg that is one zip file, or None if the text cannot be read."""
        import zipfile  # not at the top, because few environments have a zipped egg

        try:
            with zipfile.ZipFile(io.BytesIO(read(self.path, EGG_AT_MOST))) as egg, egg.open(
                "EGG-INFO/PKG-INFO"
            ) as file:
                return file.read(METADATA_AT_MOST).decode("utf-8", "surrogateescape")
        except KeyError:
            return None
        except Exception as error:  # noqa: BLE001 - each decompressor raises its own errors
            self.problems.append(f"{escaped(self.base)}: {type(error).__name__}")
            return None

    def _metadata(self, source: str, text: str | None) -> None:
        if text is None:
            self.problems.append(f"{source}: missing")
            return
        found: dict[str, list[str]] = {}
        for line in re.split(r"\r?\n\r?\n", text, maxsplit=1)[0].replace("\r", "\n").split("\n"):
            field, colon, value = line.partition(":")
            if colon and line[0] not in " \t":
                found.setdefault(field.rstrip().lower(), []).append(value.strip())
        for field in ("name", "version"):
            if found.get(field, [""])[0]:
                self.facts[field] = printable(found[field][0])[:SHOWN_AT_MOST]
            else:
                self.problems.append(f"no {field.capitalize()} in its metadata")
        if "requires-dist" in found:
            self.facts["requires"] = sorted(map(printable, found["requires-dist"]))
        if "provides-extra" in found:
            self.facts["extras"] = sorted(map(printable, found["provides-extra"]))
        if "requires-python" in found:
            self.facts["requires_python"] = printable(found["requires-python"][0])

    def _dist_info(self) -> None:
        self._metadata("METADATA", self._text("METADATA"))
        installer = (self._text("INSTALLER") or "").strip()
        if installer:
            self.facts["installer"] = printable(installer.splitlines()[0])[:SHOWN_AT_MOST]
        if "REQUESTED" in self.names:
            self.facts["requested"] = True
        wheel = self._text("WHEEL")
        if wheel:
            self.facts["tags"] = sorted(printable(tag) for tag in re.findall(r"(?m)^Tag: *(\S+)", wheel))
            made = re.search(r"(?m)^Generator: *(.+)$", wheel)
            if made:
                self.facts["generator"] = printable(made.group(1).strip())[:SHOWN_AT_MOST]
        self._json("uv_build.json", "build", lambda value: value)
        self._json("direct_url.json", "direct_url", self._direct_url)
        self._json("provenance_url.json", "provenance", archive_hashes)
        known = len(self.problems)
        record = self._bytes("RECORD")
        if record is not None:
            self._record(record)
        elif len(self.problems) > known:
            self.facts["record"] = "malformed"  # RECORD exists, but it cannot be read

    def _json(self, name: str, field: str, use: Callable[[Facts], Facts]) -> None:
        text = self._text(name) if name in self.names else None
        if text is None:
            return
        try:
            value = json.loads(text)
            if not isinstance(value, dict):
                raise TypeError("no object")
            found = printable_json(use(value))
        except (ValueError, RecursionError, AttributeError, TypeError) as error:
            self.problems.append(f"{name}: {printable(str(error))[:SHOWN_AT_MOST]}")
        else:
            if found:
                self.facts[field] = found

    def _direct_url(self, value: Facts) -> Facts:
        """Return the facts from the content of direct_url.json (PEP 610): where the installer found the distribution.

        The returned URL has no user, password or query; the URL of a local folder or file is only `file:`. `kind` is
        `archive`, `folder` or `commit`. `revision` is the branch, tag or commit that the user asked for. Also set
        the attribute `source` for a local folder or file, and `project` for an editable install.
        """
        whole = str(value.get("url", ""))
        url, _, fragment = whole.partition("#")
        url = without_secrets(url).partition("?")[0]
        local = url.startswith("file:")
        if local:
            self.source = url
        found: Facts = {"url": "file:" if local else url}
        hashes = archive_hashes(value) or archive_hashes({"archive_info": {"hash": fragment}})
        if "archive_info" in value:
            found["kind"] = "archive"
            found.update(hashes)
        commit, folder = value.get("vcs_info"), value.get("dir_info")
        if isinstance(commit, dict):
            found["kind"] = "commit"
            found["commit"] = str(commit.get("commit_id", ""))
            if commit.get("requested_revision"):
                found["revision"] = str(commit["requested_revision"])
        if isinstance(folder, dict):
            found["kind"] = "folder"
            if folder.get("editable"):
                self.facts["editable"] = True
                self.project = file_of(whole)
        if value.get("subdirectory"):
            found["subdirectory"] = str(value["subdirectory"])
        return found

    def _record(self, data: bytes) -> None:
        self.facts["record"] = "read"
        # Decode RECORD as the file system decodes names, so that the probe opens exactly the path that RECORD names.
        text = os.fsdecode(data) if os.name == "posix" else data.decode("utf-8", "surrogateescape")
        try:
            # Some versions of csv refuse a NUL byte and others accept it. The probe always refuses a NUL byte.
            if "\0" in text:
                raise csv.Error("a NUL byte")
            own = f"{self.base}/RECORD"
            for row in csv.reader(io.StringIO(text, newline=""), strict=True):
                if len(row) == 3 and row[0]:
                    if row[0][0] == "\ufeff":
                        row[0] = row[0][1:] or own  # a build tool wrote a byte order mark, and pip keeps it in the path
                    self.rows.append(row if row[0] != own else [own, "", ""])  # a file cannot contain its own hash
                elif row:
                    if len(row) > 3 or not row[0]:
                        raise csv.Error(f"expected path,hash,size, found {len(row)} columns")
                    self.rows.append([*row, "", ""][:3])
        except csv.Error as error:
            self.facts["record"] = "malformed"
            self.problems.append(f"RECORD: {printable(str(error))[:SHOWN_AT_MOST]}")

    def record_time(self) -> int | None:
        """Return the time at which RECORD was written, in nanoseconds; None if RECORD may have changed later.

        The installers in CAREFUL write INSTALLER and then RECORD, after all other files of the metadata folder. So the
        result is None for any other installer. It is also None if INSTALLER is more than half a second older or newer
        than RECORD, or if another file of the folder is more than half a second newer. The limit is one second if the
        times of RECORD and INSTALLER are whole seconds, as after unpacking an archive.
        """
        if not CAREFUL.match(str(self.facts.get("installer"))) or "RECORD" not in self.names:
            return None
        try:
            found = {name: os.stat(os.path.join(self.path, name)) for name in self.names}
        except OSError:
            return None
        times = {name: one.st_mtime_ns for name, one in found.items() if not stat.S_ISDIR(one.st_mode)}
        if "RECORD" not in times:
            return None
        record, installer = times["RECORD"], times.get("INSTALLER", 0)
        whole = record % SECOND == 0 and installer % SECOND == 0  # archives keep only whole seconds
        near = SECOND if whole else SECOND // 2
        return record if abs(record - installer) <= near and max(times.values()) - record <= near else None

    def _egg_info(self) -> None:
        source = "PKG-INFO" if self.is_folder else ""
        self._metadata(source or escaped(self.base), self._text(source))
        found = self._text("installed-files.txt") if "installed-files.txt" in self.names else None
        if found is not None:
            self.facts["record"] = "read"
            for line in found.replace("\0", "").split("\n"):
                if line.strip():
                    path = os.path.relpath(os.path.normpath(os.path.join(self.path, line.strip())), self.folder)
                    self.rows.append([path.replace(os.sep, "/"), "", ""])

    def _egg_link(self) -> None:
        """Read an editable install of the old kind: the egg-link names a folder, and this folder has the metadata."""
        self.facts["editable"] = True
        self.link = self._text("") or ""
        self.project, metadata = egg_of(self.link, self.base)
        try:
            text = read(metadata).decode("utf-8", "surrogateescape") if metadata else None
        except OSError:
            text = None
        if text is not None:
            self._metadata("PKG-INFO", text)

    def top_level(self) -> list[str]:
        """Return the import names in top_level.txt, in sorted order; an empty list without this file."""
        text = self._text("EGG-INFO/top_level.txt" if self.facts["format"] == "egg" else "top_level.txt")
        return sorted(printable(line.strip()) for line in (text or "").split("\n") if line.strip())


def file_of(url: str) -> str | None:
    """Return the path that a file URL names; None for any other URL."""
    from urllib.parse import unquote  # not at the top, because few environments have an editable install

    path = unquote(url[7:], errors="surrogateescape").partition("?")[0] if url.startswith("file:///") else ""
    return os.path.normpath(path) if path and "\0" not in path else None


def archive_hashes(value: Facts) -> Facts:
    """Return {"hashes": HASHES} from a direct_url.json (PEP 610) or a provenance_url.json (PEP 710).

    HASHES is a dict from algorithm to hex digest. These are the hashes of the wheel or sdist that was installed. Return
    an empty dict if the document has no hashes.
    """
    info = value.get("archive_info") or {}
    hashes = dict(info.get("hashes") or {})
    if not hashes and "=" in str(info.get("hash") or ""):
        algorithm, _, digest = info["hash"].partition("=")
        hashes = {algorithm: digest}
    return {"hashes": {str(name): str(value) for name, value in sorted(hashes.items())}} if hashes else {}
