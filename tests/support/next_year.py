"""A package index on loopback as it may be in a year: the person's own index, with a new release of every project.

It relays each page and file of the index that pip or uv is configured to use. From the page of a locked distribution
it removes the releases that no lock pins, because the pages are long. To each page it adds a wheel of the next major
version, uploaded in the year 2029.
"""

import json
import os
import re
import socket
import ssl
import subprocess
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from unittest import mock
from urllib.error import HTTPError
from urllib.parse import urljoin
from urllib.request import Request, urlopen

from index import Index
from packaging.version import Version

from dev.lockenv.project import Project

_JSON = "application/vnd.pypi.simple.v1+json"
_CONTEXT = ssl.create_default_context(cafile=os.environ.get("PIP_CERT") or os.environ.get("SSL_CERT_FILE"))


class NextYear(Index):
    """The index. `added` has the new version of each project that was asked for."""

    def __init__(self, project: Project, uv: Path) -> None:
        """Find the real index in the configuration of uv; `uv` is the path of uv."""
        super().__init__()
        self.added: dict[str, str] = {}
        self._real = _configured(uv)
        self._addresses: dict[str, str] = {}  # for each path of a real file, its address
        self._locked: dict[str, set[str]] = {}
        self._pages: dict[str, bytes] = {}  # for each project, its page, because several locks pin the same project
        for lock in (project.root / "locks").glob("*.txt"):
            # A lock may pin two versions of a distribution, for different Pythons.
            for name, version in re.findall(r"^([a-z0-9-]+)==([^\s;\\]+)", lock.read_text(), re.MULTILINE):
                self._locked.setdefault(name, set()).add(version)

    def __enter__(self) -> Self:
        # There are more than a thousand requests, and a resolver that drops one question delays a request by 5 s.
        self._lookup = mock.patch("socket.getaddrinfo", cache(socket.getaddrinfo))
        self._lookup.start()
        return super().__enter__()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        super().__exit__(kind, error, at)
        self._lookup.stop()

    def settings(self, folder: Path) -> dict[str, str]:
        """Return environment variables with which pip and uv use only this index, and only caches in `folder`."""
        return {
            "PIP_INDEX_URL": self.url,
            "UV_DEFAULT_INDEX": self.url,
            "PIP_FIND_LINKS": "",
            "PIP_CACHE_DIR": str(folder / "pip"),
            "UV_CACHE_DIR": str(folder / "uv"),
            "UV_HTTP_TIMEOUT": "120",
        }

    def _answer(self, path: str, *, as_json: bool) -> tuple[int, str, bytes]:
        try:
            if (address := self._addresses.get(path)) is not None:
                return 200, "application/octet-stream", _get(address)
            if path.startswith("/simple/"):
                name = path.removeprefix("/simple/").strip("/")
                if name not in self._pages:
                    self._pages[name] = json.dumps(self._page(name)).encode()
                return 200, _JSON, self._pages[name]
        except HTTPError as error:
            return error.code, "text/plain", b""
        except OSError:  # the real index could not be reached; pip and uv ask again
            return 503, "text/plain", b""
        return super()._answer(path, as_json=as_json)

    def _page(self, name: str) -> dict[str, Any]:
        """Return the page of a project: the real one with other addresses of the files, and with a new release."""
        real = urljoin(self._real, f"{name}/")
        page: dict[str, Any] = json.loads(_get(real))
        kept = self._locked.get(name)
        page["files"] = [one for one in page["files"] if kept is None or _version(one["filename"]) in kept]
        for one in page["files"]:
            one["url"], address = f"/files/{one['filename']}", urljoin(real, one["url"])
            self._addresses[one["url"]], self._addresses[f"{one['url']}.metadata"] = address, f"{address}.metadata"
        if name not in self.added:
            self.added[name] = f"{max(Version(one).major for one in page['versions']) + 1}.0"
            self.wheel(name, self.added[name], "2029-06-01T00:00:00Z")
        _, _, new = super()._answer(f"/simple/{name}/", as_json=True)
        page["files"] += json.loads(new)["files"]
        return page | {"versions": [*page["versions"], self.added[name]]}


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
