"""Reads the hashes in RECORD files, in every spelling that existing wheels use.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import binascii
import hashlib
import re

URL_SAFE = bytes.maketrans(b"+/", b"-_")
USUAL = re.compile(r"sha256=[A-Za-z0-9_-]{43}")
# Some wheels write a hash without the name of its algorithm. This dict maps the number of bytes to the algorithm.
BY_SIZE = {16: "md5", 20: "sha1", 28: "sha224", 32: "sha256", 48: "sha384", 64: "sha512"}
BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")


def usual_spelling(recorded: str) -> str:
    """Return a hash as RECORD should spell it: ALGORITHM=DIGEST, in URL-safe base64 without padding.

    Some wheels write the digest in hexadecimal, with padding, or with `+` and `/`. Other wheels write a colon instead
    of the equals sign, DIGEST=ALGORITHM, or no algorithm. Return `recorded` unchanged if it is not a hash.
    """
    if not recorded or USUAL.fullmatch(recorded):
        return recorded
    text = recorded.strip()
    first, _, last = text.replace(":", "=", 1).partition("=")
    for algorithm, digest in ((first, last), (text.rpartition("=")[2], text.rpartition("=")[0]), ("", text)):
        name = algorithm.strip().lower()
        name = name.replace("-", "") if name.startswith("sha-") else name.replace("-", "_")
        found = from_hex(digest.strip(), name) or from_base64(digest.strip(), name)
        if found:
            return f"{name or BY_SIZE[len(found)]}={base64_text(found)}"
    return recorded


def decoded(recorded: str) -> tuple[str, bytes]:
    """Return the algorithm and the bytes of a hash in its usual spelling.

    If the algorithm is unknown, both results are empty. If the digest does not fit the algorithm, only the bytes are
    empty.
    """
    algorithm, _, text = recorded.partition("=")
    return (algorithm, from_base64(text, algorithm)) if size_of(algorithm) else ("", b"")


def from_base64(text: str, algorithm: str) -> bytes:
    """Return the bytes of a digest in base64; no bytes if the text is not a digest of the algorithm.

    If `algorithm` is empty, the text may be a digest of any algorithm in BY_SIZE.
    """
    try:
        found = binascii.a2b_base64(text.encode("ascii").replace(b"-", b"+").replace(b"_", b"/") + b"==")
    except ValueError:
        return b""
    return found if BASE64.fullmatch(text) and fits(found, algorithm) else b""


def from_hex(text: str, algorithm: str) -> bytes:
    """Return the bytes of a digest in hexadecimal; no bytes if the text is not a digest of the algorithm.

    If `algorithm` is empty, the text may be a digest of any algorithm in BY_SIZE.
    """
    try:
        found = binascii.unhexlify(text.encode("ascii"))
    except ValueError:
        return b""
    return found if fits(found, algorithm) else b""


def fits(digest: bytes, algorithm: str) -> bool:
    """Return whether a digest has the size of `algorithm`; if `algorithm` is empty, every size in BY_SIZE fits."""
    return len(digest) in BY_SIZE if not algorithm else 0 < len(digest) == size_of(algorithm)


def size_of(algorithm: str) -> int:
    """Return the number of bytes of an algorithm's digests.

    Return 0 if the algorithm is unknown, is forbidden on this system, or has no fixed size.
    """
    if algorithm not in hashlib.algorithms_guaranteed or algorithm.startswith("shake"):
        return 0
    try:
        return hashlib.new(algorithm).digest_size
    except ValueError:  # the system forbids the algorithm
        return 0


def base64_text(digest: bytes) -> str:
    """Return a digest as RECORD spells it, in URL-safe base64 without padding."""
    return binascii.b2a_base64(digest, newline=False).translate(URL_SAFE).decode().rstrip("=")
