"""Tests of the certificates: the extensions of the template, a real handshake, and no key that stays on disk."""

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from libp2p.crypto.secp256k1 import create_new_key_pair
from libp2p.security.tls.transport import IdentityConfig, TLSTransport

from pingtest.certificate import client_context, server_context, template


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


def test_the_certificate_of_the_secure_channel_has_only_the_extension_of_libp2p() -> None:
    transport = TLSTransport(create_new_key_pair(), identity_config=IdentityConfig(cert_template=template()))
    certificate = x509.load_pem_x509_certificate(transport.get_certificate_pem().encode())
    (extension,) = certificate.extensions
    assert extension.oid.dotted_string == "1.3.6.1.4.1.53594.1.1"
    assert not extension.critical


def test_a_certificate_is_valid_for_a_machine_whose_clock_is_hours_behind() -> None:
    transport = TLSTransport(create_new_key_pair(), identity_config=IdentityConfig(cert_template=template()))
    certificate = x509.load_pem_x509_certificate(transport.get_certificate_pem().encode())
    hours = timedelta(hours=20)
    assert certificate.not_valid_before_utc < datetime.now(UTC) - hours
    assert certificate.not_valid_after_utc > datetime.now(UTC) + hours
