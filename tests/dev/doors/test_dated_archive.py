"""Tests of an image build after Debian's mirror has dropped the pinned packages: the dated archive has them.

A proxy on loopback plays Debian. It first passes on the files of Debian's mirror. After the mirror has moved on, the
proxy answers for it with an archive of one other package, and for the dated archive with the files of the real mirror.
"""

import shutil
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import token_hex
from threading import Thread
from urllib.error import HTTPError

import pytest
from debian_archive import write_archive

from dev.command.errors import CommandError
from dev.doors.bases import is_stand_in
from dev.doors.engine import Container, Engine
from dev.doors.image import build, make_plan
from dev.lockenv.project import Project

ARCHIVE = "http://archive.invalid"
DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))

pytestmark = [pytest.mark.slow, pytest.mark.docker, pytest.mark.network, pytest.mark.timeout(600)]


@dataclass
class Debian:
    """The proxy. `mirrors` are the addresses of Debian, and `later` is a folder with the files that they have later."""

    later: Path
    mirrors: list[str]
    has_moved: bool = False
    has_archive: bool = True
    port: int = 0

    def find(self, address: str) -> tuple[int, bytes]:
        """Return the status and the content of an answer."""
        if address.startswith(ARCHIVE):
            number, _, path = address.removeprefix(f"{ARCHIVE}/").split("/", 2)
            return fetch(f"{self.mirrors[int(number)]}/{path}") if self.has_archive else (404, b"")
        mirror = next((one for one in self.mirrors if address.startswith(f"{one}/")), None)
        if not self.has_moved or mirror is None:
            return fetch(address)
        file = self.later / address.removeprefix(f"{mirror}/")
        return (200, file.read_bytes()) if file.is_file() else (404, b"")


def fetch(address: str) -> tuple[int, bytes]:
    try:
        with DIRECTLY.open(address, timeout=60) as answer:
            return 200, answer.read()
    except HTTPError as error:
        return error.code, b""


@pytest.fixture
def sources(engine: Engine, base: str) -> str:
    """Return the lines of apt's sources in the base."""
    if not is_stand_in(base):
        pytest.skip("the pinned base has other sources; the test needs a stand-in: scripts/offline images")
    shown = Container(base, ("-c", "cat /etc/apt/sources.list"), entrypoint="sh")
    return engine.run(shown, purpose="reading the sources of the base")


@pytest.fixture
def debian(tmp_path: Path, sources: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Debian]:
    mirrors = list(dict.fromkeys(line.split()[1].rstrip("/") for line in sources.splitlines() if line))
    made = Debian(tmp_path / "later", mirrors)
    write_archive(made.later, "2.0", "Sat, 28 Nov 2026 10:00:00 UTC")
    for suite in ("bookworm-updates", "bookworm-security"):
        shutil.copytree(made.later / "dists" / "bookworm", made.later / "dists" / suite)

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = made.find(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    made.port = server.server_port
    Thread(target=server.serve_forever, daemon=True).start()
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{made.port}")
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def dated(engine: Engine, base: str, debian: Debian, sources: str, tmp_path: Path) -> Iterator[str]:
    """Build a base whose sources name a dated archive above each mirror, as those of the pinned base; yield its tag."""
    (tmp_path / "base").mkdir()
    lines = [line for line in sources.splitlines() if line]
    names = [f"# {ARCHIVE}/{debian.mirrors.index(line.split()[1].rstrip('/'))}/20250520T000000Z" for line in lines]
    trusted = [line.replace("deb ", "deb [trusted=yes] ", 1) for line in lines]
    text = "\n\n".join(f"{name}\n{line}" for name, line in zip(names, trusted, strict=True))
    (tmp_path / "base" / "sources.list").write_text(f"{text}\n")
    (tmp_path / "base" / "Dockerfile").write_text("ARG BASE\nFROM ${BASE}\nCOPY sources.list /etc/apt/\n")
    tag = f"py-libp2p-ping-test-tests/dated:{token_hex(4)}"
    engine.build(tmp_path / "base", tag, arguments={"BASE": base})
    yield tag
    engine.remove("image", tag)


def test_the_archive_gives_the_same_image(engine: Engine, project: Project, debian: Debian, dated: str) -> None:
    """The image has the same ID. Without the archive, one line names each package that the mirror has dropped."""
    plan = replace(make_plan(project, "v0.8", dated), tag=f"{dated}-image")
    now = {"DEBIAN_SNAPSHOT": f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}", "RUNTIME_BASE": "base"}
    plan = replace(plan, arguments={**plan.arguments, **now})
    today = build(engine, project, plan, fresh=True)
    try:
        debian.has_moved = True
        assert build(engine, project, plan, fresh=True) == today
        debian.has_archive = False
        with pytest.raises(
            CommandError, match=r"gcc: expected version \S+ \(locks/toolchain\.toml\), found none on the"
        ):
            build(engine, project, plan, fresh=True)
    finally:
        engine.remove("image", plan.tag)
