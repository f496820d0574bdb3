"""Tests of how the probe (the program that reads an environment) reads the hashes of a RECORD in every spelling."""

import hashlib
from base64 import b64encode, urlsafe_b64encode

import pytest

from envparity.probe.digests import decoded, usual_spelling

DIGEST = hashlib.sha256(b"19").digest()
URL_SAFE = urlsafe_b64encode(DIGEST).decode()
USUAL = f"sha256={URL_SAFE.rstrip('=')}"


@pytest.mark.parametrize(
    "spelled",
    [
        USUAL,
        f"sha256={URL_SAFE}",
        f" sha256 = {URL_SAFE} ",
        f"sha256={b64encode(DIGEST).decode()}",
        f"sha256={DIGEST.hex()}",
        f"SHA256={DIGEST.hex().upper()}",
        f"sha-256:{DIGEST.hex()}",
        f"{URL_SAFE.rstrip('=')}=sha256",
        f"{DIGEST.hex()}=sha256",
        DIGEST.hex(),
        URL_SAFE,
        URL_SAFE.rstrip("="),
    ],
)
def test_a_digest_is_read_in_every_spelling(spelled: str) -> None:
    assert usual_spelling(spelled) == USUAL
    assert decoded(USUAL) == ("sha256", DIGEST)


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha384", "sha512", "blake2b", "sha3_256"])
def test_a_digest_of_another_algorithm_is_read_in_hexadecimal(algorithm: str) -> None:
    digest = hashlib.new(algorithm, b"19").digest()
    assert decoded(usual_spelling(f"{algorithm}={digest.hex()}")) == (algorithm, digest)


@pytest.mark.parametrize(
    ("text", "algorithm"),
    [
        ("", ""),
        ("abc", ""),
        ("=abc", ""),
        ("crc32=abc", ""),
        ("shake_128=abc", ""),
        ("sha256=", "sha256"),
        ("sha256", "sha256"),
        ("sha256={digest}", "sha256"),
        (f"sha256={DIGEST.hex()[:-2]}", "sha256"),
        (f"sha256={DIGEST.hex()}zz", "sha256"),
        (f"sha512={DIGEST.hex()}", "sha512"),
    ],
)
def test_a_text_that_is_no_digest_stays_unchanged(text: str, algorithm: str) -> None:
    assert usual_spelling(text) == text
    assert decoded(text) == (algorithm, b"")
