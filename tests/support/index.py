"""A package index on loopback, which states when each file was uploaded; tests use it with the real pip and uv.

It implements the simple API as JSON (PEP 691, PEP 700) and as HTML (PEP 503) for programs that do not ask for JSON. It
serves each wheel's metadata next to the wheel (PEP 658).
"""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zipfile import ZipFile

import pytest
from packaging.utils import canonicalize_name, parse_wheel_filename
from wheels import sdist_bytes, wheel_bytes


class Index:
    """An index of made-up releases; inside its `with` block it answers on a free port.

    `asked` lists the requested paths. `at_once` is the largest number of requests that it answered at the same time.
    """

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}
        self._projects: dict[str, list[dict[str, Any]]] = {}
        self.asked: list[str] = []
        self.at_once = 0
        self._now = 0
        self._lock = threading.Lock()
        index = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                with index._answering(self.path):
                    status, kind, body = index._answer(self.path, as_json="json" in self.headers.get("Accept", "json"))
                    self.send_response(status)
                    self.send_header("Content-Type", kind)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    if self.command != "HEAD":
                        self.wfile.write(body)

            def do_HEAD(self) -> None:
                self.do_GET()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base class
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Return the URL under which pip and uv find the index."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/simple/"

    def use(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Set environment variables so that pip and uv use only this index."""
        for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_INDEX"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("UV_DEFAULT_INDEX", self.url)
        monkeypatch.setenv("PIP_INDEX_URL", self.url)
        monkeypatch.setenv("PIP_RETRIES", "0")
        monkeypatch.setenv("UV_HTTP_RETRIES", "0")
        # A cache could have the same release from another test's index, which had the same port.
        for name in ("PIP_NO_CACHE_DIR", "UV_NO_CACHE"):
            monkeypatch.setenv(name, "1")

    def wheel(
        self,
        name: str,
        version: str,
        uploaded: str | None,
        files: Mapping[str, str | bytes] | None = None,
        *,
        requires: tuple[str, ...] = (),
        tag: str = "py3-none-any",
    ) -> None:
        """Add a wheel that was uploaded at an ISO 8601 instant, or without an upload time if `uploaded` is None.

        The paths of `files` are relative to site-packages. `requires` are requirements, and `tag` is the wheel's tag.
        """
        data = wheel_bytes(name, version, files, requires, tag=tag)
        self._wheel(f"{name.replace('-', '_')}-{version}-{tag}.whl", name, version, data, uploaded)

    def wheel_file(self, path: Path) -> None:
        """Add the wheel in a file, without an upload time."""
        name, version, *_ = parse_wheel_filename(path.name)
        self._wheel(path.name, name, str(version), path.read_bytes(), None)

    def place(self, path: Path) -> None:
        """Serve a file below `/files/`, although no project lists it."""
        self._files[f"/files/{path.name}"] = path.read_bytes()

    def _wheel(self, file: str, name: str, version: str, data: bytes, uploaded: str | None) -> None:
        with ZipFile(BytesIO(data)) as archive:
            # A wheel may contain a copy of another distribution, with its metadata in a deeper folder.
            infos = [one for one in archive.namelist() if one.endswith(".dist-info/METADATA") and one.count("/") == 1]
            metadata = archive.read(infos[0])
        self._files[f"/files/{file}.metadata"] = metadata
        self._upload(name, version, file, data, uploaded, {"core-metadata": _sha256(metadata)})

    def sdist(self, name: str, version: str, uploaded: str | None, data: bytes | None = None) -> None:
        """Add a source distribution with the bytes `data`, by default an sdist in the form that setuptools writes."""
        file = f"{name.replace('-', '_')}-{version}.tar.gz"
        made = sdist_bytes(name, version, top_level=(name.replace("-", "_"),)) if data is None else data
        self._upload(name, version, file, made, uploaded, {})

    def withdraw(self, name: str, version: str) -> None:
        """Remove a release, as its author may do."""
        self._projects[canonicalize_name(name)] = [
            one for one in self._projects[canonicalize_name(name)] if one["version"] != version
        ]

    def _upload(
        self, name: str, version: str, file: str, data: bytes, uploaded: str | None, more: Mapping[str, Any]
    ) -> None:
        self._files[f"/files/{file}"] = data
        facts: dict[str, Any] = {"filename": file, "url": f"/files/{file}", "hashes": _sha256(data), "size": len(data)}
        if uploaded is not None:
            when = datetime.fromisoformat(uploaded)
            facts["upload-time"] = when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        self._projects.setdefault(canonicalize_name(name), []).append({"version": version, **facts, **more})

    def _answer(self, path: str, *, as_json: bool) -> tuple[int, str, bytes]:
        if (data := self._files.get(path)) is not None:
            return 200, "application/octet-stream", data
        found = self._projects.get(path.removeprefix("/simple/").strip("/"))
        if found is None:
            return 404, "text/plain", b"none"
        files = [{key: value for key, value in one.items() if key != "version"} for one in found]
        if not as_json:
            return 200, "text/html", _page(files).encode()
        versions = list(dict.fromkeys(one["version"] for one in found))
        name = path.removeprefix("/simple/").strip("/")
        page = {"meta": {"api-version": "1.1"}, "name": name, "versions": versions, "files": files}
        return 200, "application/vnd.pypi.simple.v1+json", json.dumps(page).encode()

    @contextmanager
    def _answering(self, path: str) -> Iterator[None]:
        with self._lock:
            self.asked.append(path)
            self._now += 1
            self.at_once = max(self.at_once, self._now)
        try:
            yield
        finally:
            with self._lock:
                self._now -= 1


def _page(files: list[dict[str, Any]]) -> str:
    """Return the HTML page of a project's files."""
    links = "".join(
        f'<a href="{one["url"]}#sha256={one["hashes"]["sha256"]}" '
        f'data-core-metadata="{"sha256=" + one["core-metadata"]["sha256"] if "core-metadata" in one else "false"}">'
        f"{one['filename']}</a>"
        for one in files
    )
    return f"<!DOCTYPE html><html><body>{links}</body></html>"


def _sha256(data: bytes) -> dict[str, str]:
    return {"sha256": hashlib.sha256(data).hexdigest()}
