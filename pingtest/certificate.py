"""Certificates that are made for one run: for the secure channel TLS, and for WebSocket Secure."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_DAY = timedelta(days=1)


def template() -> x509.CertificateBuilder:
    """Return a builder of a certificate without key or extensions, valid since yesterday: a peer's clock may be slow.

    The library adds the libp2p extension. There must be no other extension: js-libp2p 3.3.11 reads only the first
    extension of a certificate, and rust-libp2p refuses the critical extensions of libp2p 0.4.0's own template.
    """
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    empty = x509.CertificateBuilder(name, name, serial_number=x509.random_serial_number())
    return empty.not_valid_before(now - _DAY).not_valid_after(now + _DAY)


def client_context() -> ssl.SSLContext:
    """Return a TLS context for WebSocket Secure that accepts every certificate, even a self-signed certificate.

    The secure channel above the WebSocket checks who the peer is.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def server_context() -> ssl.SSLContext:
    """Return a TLS context for WebSocket Secure with a new self-signed certificate for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    unsigned = template().public_key(key.public_key())
    unsigned = unsigned.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:  # only we can read it; ssl reads keys only from files
        file = Path(folder, "key-and-certificate.pem")
        file.write_bytes(secret + unsigned.sign(key, SHA256()).public_bytes(Encoding.PEM))
        context.load_cert_chain(file)
    return context
