"""Tests that compute the expected values of the behaviour checks in pyproject.toml with the standard library alone.

A behaviour check is a small program that envparity runs in an environment; its output must equal the expected value.
"""

import base64
import hashlib
import re
import socket

import pytest

from dev.lockenv.project import Project
from envparity.project.config import BehaviourCheck, find_config

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
# The key types of py-libp2p's protobuf. They equal those of libp2p's specification, except the type of P-256, which is
# 3 in the specification.
_TYPES = {"RSA": 0, "Ed25519": 1, "secp256k1": 2, "P-256": 4}


def base58(data: bytes) -> str:
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def unbase58(text: str) -> bytes:
    number = 0
    for letter in text:
        number = number * 58 + _ALPHABET.index(letter)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def varint(number: int) -> bytes:
    """Return a number as an unsigned varint, the encoding of protobuf and multiaddr."""
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def peer_id(kind: int, key: bytes) -> str:
    """Return the peer ID of a key as the specification defines it.

    The ID is a multihash in base58. It contains the protobuf message of the key, if the message has at most 42 bytes,
    and otherwise the SHA-256 of the message.
    """
    message = b"\x08" + varint(kind) + b"\x12" + varint(len(key)) + key
    if len(message) <= 42:
        return base58(b"\x00" + varint(len(message)) + message)
    return base58(b"\x12\x20" + hashlib.sha256(message).digest())


@pytest.fixture(scope="module")
def checks(project: Project) -> dict[str, BehaviourCheck]:
    return {one.name: one for one in find_config(project.root).behaviour}


@pytest.mark.parametrize("kind", _TYPES)
def test_the_expected_peer_ids_follow_from_the_specification(checks: dict[str, BehaviourCheck], kind: str) -> None:
    check = next(one for name, one in checks.items() if name.endswith(f" {kind} key"))
    words = "".join(re.findall(r'"([A-Za-z0-9+/=]{16,})"', check.code))
    key = base64.b64decode(words) if kind == "RSA" else bytes.fromhex(words)
    assert peer_id(_TYPES[kind], key) == check.expect


def test_the_expected_multihash_digest_follows_from_the_specification(checks: dict[str, BehaviourCheck]) -> None:
    found = re.search(r'b"([^"]+)"', checks["multihash digest"].code)
    assert found is not None
    assert checks["multihash digest"].expect == "1220" + hashlib.sha256(found[1].encode()).hexdigest()


def test_the_expected_multiaddr_bytes_follow_from_the_specification(checks: dict[str, BehaviourCheck]) -> None:
    # These are codes from the multicodec table.
    codes = {"ip4": 4, "tcp": 6, "ip6": 41, "dns4": 54, "udp": 273, "p2p": 421, "quic-v1": 461, "wss": 478}

    def packed(text: str) -> str:
        found, words = b"", iter(text.split("/")[1:])
        for word in words:
            found += varint(codes[word])
            if word in ("ip4", "ip6"):
                found += socket.inet_pton(socket.AF_INET if word == "ip4" else socket.AF_INET6, next(words))
            elif word in ("tcp", "udp"):
                found += int(next(words)).to_bytes(2, "big")
            elif word == "p2p":
                identity = b"\0" + unbase58(next(words))  # The leading 1 of the base58 text stands for a zero byte.
                found += varint(len(identity)) + identity
            elif word == "dns4":
                name = next(words).encode()
                found += varint(len(name)) + name
        return found.hex()

    check = checks["multiaddr round trips"]
    texts = re.findall(r'"(/[^"]+)"', check.code)
    assert len(texts) == 3
    assert check.expect == " ".join(packed(text) for text in texts)


def test_envparity_and_lockenv_have_the_same_tracks(project: Project) -> None:
    config = find_config(project.root)
    assert (config.track, config.tracks) == (project.default_track, project.tracks)
