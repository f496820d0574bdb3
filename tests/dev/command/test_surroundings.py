"""Tests of the caller's variables: one certificate file and one proxy reach every program, and Python's are removed."""

import http.server
import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.command.surroundings import AUTHORITIES, PYTHON, settle
from dev.lockenv.project import Project

NODE = """
const asked = require("https").get(process.argv[1], (answer) => console.log(answer.statusCode));
asked.on("error", (error) => console.log(error.code));
"""


def settled(**environ: str) -> dict[str, str]:
    settle(environ)
    return environ


@pytest.mark.parametrize("name", AUTHORITIES)
def test_each_program_gets_the_one_certificate_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (tmp_path / "ca.pem").touch()
    monkeypatch.chdir(tmp_path)
    found = settled(**{name: "ca.pem"})
    assert set(found.values()) == {str(tmp_path / "ca.pem")}
    assert {*AUTHORITIES, "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO", "NIX_SSL_CERT_FILE"} <= set(found)


def test_a_variable_that_is_set_stays(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    found = settled(PIP_CERT=str(tmp_path / "ca.pem"), NODE_EXTRA_CA_CERTS="/other.pem", SSL_CERT_FILE="")
    assert (found["NODE_EXTRA_CA_CERTS"], found["SSL_CERT_FILE"]) == ("/other.pem", str(tmp_path / "ca.pem"))


def test_a_missing_certificate_file_reaches_no_other_program() -> None:
    assert settled(SSL_CERT_FILE="/nowhere/ca.pem") == {"SSL_CERT_FILE": "/nowhere/ca.pem"}
    assert settled() == {}


@pytest.mark.parametrize(("name", "other"), [("HTTPS_PROXY", "https_proxy"), ("no_proxy", "NO_PROXY")])
def test_a_proxy_has_both_names(name: str, other: str) -> None:
    assert settled(**{name: "http://proxy:1"}) == {name: "http://proxy:1", other: "http://proxy:1"}
    assert settled(**{name: "http://proxy:1", other: "http://other:2"})[other] == "http://other:2"


def test_the_variables_of_python_are_removed() -> None:
    assert settled(**dict.fromkeys(PYTHON, "1"), PYTHONUTF8="1") == {"PYTHONUTF8": "1"}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Yield the address of an HTTPS server and the file of its own certificate authority, which no program knows."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl on PATH; apt-get install -y openssl")
    folder = tmp_path_factory.mktemp("company")
    file = folder / "ca.pem"
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    make: list[str | Path] = [openssl, "req", "-x509", *curve]
    own: list[str | Path] = ["-subj", "/CN=a company", "-keyout", folder / "ca.key", "-out", file]
    subprocess.run([*make, *own], capture_output=True, check=True)
    signed: list[str | Path] = [
        "-CA",
        file,
        "-CAkey",
        folder / "ca.key",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
    ]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    written: list[str | Path] = ["-keyout", folder / "key.pem", "-out", folder / "server.pem"]
    subprocess.run([*make, *signed, *names, *written], capture_output=True, check=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "key.pem")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Empty)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://localhost:{server.server_port}", file
    server.shutdown()
    server.server_close()


class Empty(http.server.BaseHTTPRequestHandler):
    """Answers every request with an empty page, which is also an index without a distribution."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


def client(project: Project, name: str, address: str, folder: Path) -> list[str | Path]:
    """Return a command that asks the server for a page with the program `name`."""
    tools = project.environment("tools") / "bin"
    if name == "node":
        return [project.environment("node") / "bin" / "node", "-e", NODE, address]
    index = f"{address}/simple"
    if name == "pip":
        return [tools / "python", "-m", "pip", "download", "--no-deps", "-d", folder, "--index-url", index, "absent-x"]
    return [tools / "uv", "pip", "install", "--dry-run", "--target", folder, "--index-url", index, "absent-x"]


@pytest.mark.parametrize("variable", [None, *AUTHORITIES])
@pytest.mark.parametrize("program", ["pip", "uv", "node"])
def test_programs_trust_a_company_that_only_one_variable_names(
    project: Project, company: tuple[str, Path], tmp_path: Path, program: str, variable: str | None
) -> None:
    """Each program reaches the server only if it trusts the server's certificate."""
    address, file = company
    own = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "0"}
    if program == "node" and not project.environment("node").is_dir():
        pytest.skip("no environment of Node; dev/command/python -m dev.lockenv node")
    own |= {"UV_HTTP_RETRIES": "0", "UV_CACHE_DIR": str(tmp_path / "uv"), **({variable: str(file)} if variable else {})}
    command = client(project, program, address, tmp_path)
    done = subprocess.run(command, env=settled(**own), cwd=tmp_path, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    refused = ("certificate" in said.lower() or "VERIFY" in said or "SELF_SIGNED" in said) and "200" not in said.split()
    assert refused == (variable is None), said
