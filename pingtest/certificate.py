"""TLS for WebSocket Secure: a certificate that is made for one run, and a client that trusts any certificate.

The secure channel above TLS checks who the peer is.
"""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def client_context() -> ssl.SSLContext:
    """Return a TLS context that accepts any certificate, because the peers of a test sign their own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def server_context() -> ssl.SSLContext:
    """Return a TLS context with a new self-signed certificate for localhost that is valid for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now, hour = datetime.now(UTC), timedelta(hours=1)
    unsigned = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    unsigned = unsigned.not_valid_before(now - hour).not_valid_after(now + 24 * hour)
    unsigned = unsigned.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:  # only we can read it; ssl reads keys only from files
        file = Path(folder, "key-and-certificate.pem")
        file.write_bytes(secret + unsigned.sign(key, SHA256()).public_bytes(Encoding.PEM))
        context.load_cert_chain(file)
    return context
