"""Tests of signatures that the real ssh-keygen makes: who signed, and which signatures are refused."""

from pathlib import Path

import pytest
from environment_builder import Environment
from evidence_kit import Evidence, make_key

from envparity.errors import EnvparityError
from envparity.evidence.signature import Signer, check_signature
from envparity.evidence.statement import Refused

TEXT = b"a text that somebody signs\n"


@pytest.fixture
def signed(tmp_path: Path, bare: Environment) -> Evidence:
    """Return a folder with a signed text in the place of a statement. `mallory` has a key that nobody allows."""
    evidence = Evidence(tmp_path, bare)
    for name in ("alice", "mallory"):
        make_key(tmp_path, name)
    evidence.statement.write_bytes(TEXT)
    evidence.sign()
    evidence.allow()
    return evidence


def check(evidence: Evidence, name: str | None = None, data: bytes = TEXT) -> Signer:
    return check_signature(data, Path(f"{evidence.statement}.sig"), evidence.allowed, name)


def refused(evidence: Evidence, match: str, name: str | None = None, data: bytes = TEXT) -> None:
    with pytest.raises(Refused, match=match):
        check(evidence, name, data)


def test_the_signer_has_the_allowed_key(signed: Evidence) -> None:
    signer = check(signed)
    assert signer.name == "alice@example.com"
    assert signer.key.startswith("SHA256:")
    assert check(signed, "alice@example.com") == signer


def test_another_signer_is_refused(signed: Evidence) -> None:
    refused(signed, "ssh-keygen -Y verify", "bob@example.com")
    signed.sign("mallory")
    refused(signed, "No principal matched")
    refused(signed, "ssh-keygen -Y verify", "alice@example.com")


@pytest.mark.parametrize(
    "options",
    ['valid-before="20200101"', 'valid-after="29990101"', 'namespaces="git"', "cert-authority"],
)
def test_a_key_that_is_not_valid_for_this_now_is_refused(signed: Evidence, options: str) -> None:
    signed.allow(options=options)
    refused(signed, "expected the signature of an allowed signer")
    refused(signed, "expected the signature of an allowed signer", "alice@example.com")


def test_a_key_that_is_valid_now_and_for_envparity(signed: Evidence) -> None:
    signed.allow(options='namespaces="git,envparity",valid-after="20200101",valid-before="29990101"')
    assert check(signed).name == "alice@example.com"


def test_a_signature_for_another_purpose_is_refused(signed: Evidence) -> None:
    signed.sign(namespace="git")
    refused(signed, "ssh-keygen -Y verify")


def test_each_changed_byte_is_refused(signed: Evidence) -> None:
    for at in (0, len(TEXT) // 2, len(TEXT) - 1):
        refused(signed, "incorrect signature", data=TEXT[:at] + bytes([TEXT[at] ^ 1]) + TEXT[at + 1 :])
    file = Path(f"{signed.statement}.sig")
    good = file.read_bytes()
    for at in (*range(0, len(good), 17), len(good) - 1):
        file.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        refused(signed, "expected the signature of an allowed signer|expected an SSH signature")
    for text in (b"", good + good, good + b"\n", good.replace(b"\n", b" ")):
        file.write_bytes(text)
        refused(signed, "expected an SSH signature, found other bytes")
    file.write_bytes(good.removesuffix(b"\n"))
    assert check(signed).name == "alice@example.com"


def test_a_file_of_allowed_signers_that_has_no_key(signed: Evidence) -> None:
    for text in ("", "nonsense\n", "# nobody\n"):
        signed.allowed.write_text(text)
        refused(signed, "expected the signature of an allowed signer")


def test_no_answer_without_the_files_or_the_program(signed: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = signed.folder / "gone"
    with pytest.raises(EnvparityError, match=r"expected the signature of the statement, found: No such file.*; sign w"):
        check_signature(TEXT, gone, signed.allowed, None)
    with pytest.raises(EnvparityError, match="expected the file of allowed signers, found: No such file"):
        check_signature(TEXT, Path(f"{signed.statement}.sig"), gone, None)
    monkeypatch.setenv("PATH", str(signed.folder))
    with pytest.raises(EnvparityError, match="expected the program ssh-keygen, found none on this machine"):
        check(signed)
