"""A package index on loopback as it may be in a year: the person's own index, with a new release of every project.

It relays each page and file of the index that pip or uv is configured to use. From the page of a locked distribution
it removes the releases that no lock pins, because the pages are long. To each page it adds a wheel of the next major
version, uploaded in the year 2029.
"""

import hashlib
import json
import os
import re
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import HTTPError
from urllib.parse import urljoin
from urllib.request import Request, urlopen

from packaging.version import Version
from wheels import wheel_bytes

from dev.lockenv.project import Project

_JSON = "application/vnd.pypi.simple.v1+json"
_CONTEXT = ssl.create_default_context(cafile=os.environ.get("PIP_CERT") or os.environ.get("SSL_CERT_FILE"))


class NextYear:
    """The index; in a `with` block it answers on a free port.

    `added` has the new version of each project that was asked for.
    """

    def __init__(self, project: Project, uv: Path) -> None:
        """Find the real index by the configuration of uv, whose path is `uv`."""
        self.added: dict[str, str] = {}
        self._real = _configured(uv)
        self._files: dict[str, str | bytes] = {}  # for each path, its bytes, or the address of the real file
        self._locked: dict[str, set[str]] = {}
        for lock in (project.root / "locks").glob("*.txt"):
            # A lock may pin two versions of a distribution, for different Pythons.
            for name, version in re.findall(r"^([a-z0-9-]+)==([^\s;\\]+)", lock.read_text(), re.MULTILINE):
                self._locked.setdefault(name, set()).add(version)
        index = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                try:
                    status, kind, body = index._answer(self.path)
                except HTTPError as error:
                    status, kind, body = error.code, "text/plain", b""
                except OSError:  # the real index could not be reached; pip and uv ask again
                    status, kind, body = 503, "text/plain", b""
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

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def settings(self, cache: Path) -> dict[str, str]:
        """Return environment variables with which pip and uv use only this index, and only the folder `cache`."""
        url = f"http://127.0.0.1:{self._server.server_address[1]}/simple/"
        return {
            "PIP_INDEX_URL": url,
            "UV_DEFAULT_INDEX": url,
            "PIP_FIND_LINKS": "",
            "PIP_CACHE_DIR": str(cache / "pip"),
            "UV_CACHE_DIR": str(cache / "uv"),
            "UV_HTTP_TIMEOUT": "120",
        }

    def _answer(self, path: str) -> tuple[int, str, bytes]:
        if (file := self._files.get(path)) is not None:
            return 200, "application/octet-stream", file if isinstance(file, bytes) else _get(file)
        name = path.removeprefix("/simple/").strip("/")
        real = urljoin(self._real, f"{name}/")
        page = json.loads(_get(real))
        kept = self._locked.get(name)
        page["files"] = [one for one in page["files"] if kept is None or _version(one["filename"]) in kept]
        for one in page["files"]:
            one["url"], address = f"/files/{one['filename']}", urljoin(real, one["url"])
            self._files[one["url"]], self._files[f"{one['url']}.metadata"] = address, f"{address}.metadata"
        version = f"{max(Version(one).major for one in page['versions']) + 1}.0"
        page["files"].append(self._release(name, version))
        self.added[name] = version
        return 200, _JSON, json.dumps(page | {"versions": [*page["versions"], version]}).encode()

    def _release(self, name: str, version: str) -> dict[str, Any]:
        """Serve a new wheel, and return its entry on the page of its project."""
        file = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
        self._files[f"/files/{file}"] = data = wheel_bytes(name, version, {})
        return {
            "filename": file,
            "url": f"/files/{file}",
            "hashes": {"sha256": hashlib.sha256(data).hexdigest()},
            "size": len(data),
            "upload-time": "2029-06-01T00:00:00.000000Z",
        }


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: uv closes a connection if it needs no more of a file."""


def _configured(uv: Path) -> str:
    command: list[str | Path] = [uv, "pip", "compile", "--emit-index-url", "-q", "-"]
    done = subprocess.run(command, input="", capture_output=True, text=True, check=True, cwd="/")
    shown = re.search(r"^--index-url (\S+)", done.stdout, re.MULTILINE)
    assert shown is not None, done.stdout
    return shown[1].rstrip("/") + "/"


def _version(file: str) -> str:
    if file.endswith(".whl"):
        return file.split("-")[1]
    return file.removesuffix(".zip").removesuffix(".tar.gz").removesuffix(".tar.bz2").rpartition("-")[2]


def _get(address: str) -> bytes:
    with urlopen(Request(address, headers={"Accept": _JSON}), timeout=60, context=_CONTEXT) as answer:  # noqa: S310 - of the person's own index
        return bytes(answer.read())
