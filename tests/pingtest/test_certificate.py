"""Tests of the TLS certificate for WebSocket Secure: a real handshake, and no key that stays on disk."""

import ssl
import tempfile
from pathlib import Path

import pytest

from pingtest.certificate import client_context, server_context


def test_a_client_and_a_server_complete_the_tls_handshake() -> None:
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context().wrap_bio(to_client, to_server)
    server = server_context().wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    client.write(b"ping")
    assert server.read() == b"ping"


def test_no_private_key_stays_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    server_context()
    assert list(tmp_path.iterdir()) == []
