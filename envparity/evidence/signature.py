"""Checks the signature of a statement with ssh-keygen. The check needs no network.

A file of allowed signers lists names of people with their public keys; `man ssh-keygen` describes it.
"""

import re
import shutil
from base64 import b64decode, b64encode
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from envparity.errors import EnvparityError
from envparity.evidence.statement import Refused
from envparity.files import read_whole
from envparity.processes import NotEnded, Supervisor, Task
from envparity.text import visible

NAMESPACE = "envparity"
"""The namespace of the signatures. A signature that somebody made for another purpose has another namespace."""
_TIMEOUT = 60.0  # seconds
_GOOD = re.compile(r'Good "envparity" signature for (?P<name>.+) with (?P<kind>\S+) key (?P<key>SHA256:\S+)')
_ARMOUR = re.compile(rb"-----BEGIN SSH SIGNATURE-----\n((?:[\w+/=]+\n)+)-----END SSH SIGNATURE-----\n?")
_ADVICE = f"; sign with: ssh-keygen -Y sign -n {NAMESPACE} -f KEY STATEMENT"


@dataclass(frozen=True)
class Signer:
    """Who signed: the name in the file of allowed signers, and the fingerprint of the key."""

    name: str
    key: str


def check_signature(data: bytes, signature: Path, allowed: Path, name: str | None) -> Signer:
    """Return the signer of `data`. `name` is the signer to expect; None means any allowed signer.

    Raise Refused if the signature is not for exactly this data, if it is not by `name`, or if the file `allowed` does
    not allow its signer at this moment. Raise EnvparityError if this machine has no ssh-keygen, if ssh-keygen does
    not answer in time, or if a file cannot be read.
    """
    program = shutil.which("ssh-keygen")
    if program is None:
        raise EnvparityError("verify: expected the program ssh-keygen, found none on this machine; install OpenSSH")
    _check_armour(read_whole(signature, "the signature of the statement", _ADVICE), visible(str(signature)))
    read_whole(allowed, "the file of allowed signers")
    files = ("-f", str(allowed.absolute()), "-s", str(signature.absolute()))
    if name is None:
        found = _run(program, "find-principals", files, b"")
        names = [line for line in found.splitlines() if line]
        if not names:
            raise Refused(f"{visible(str(signature))}: expected the signature of an allowed signer, found another")
        name = names[0]
    said = _run(program, "verify", (*files, "-I", name, "-n", NAMESPACE), data)
    good = _GOOD.search(said)
    if good is None:
        raise Refused(f"{visible(str(signature))}: expected a good signature, found: {visible(said)[:200]}")
    return Signer(visible(good["name"]), good["key"])


def _check_armour(text: bytes, origin: str) -> None:
    """Raise Refused if a signature file has any byte that the signature does not need.

    ssh-keygen ignores text after the signature, and unused bits of the last base64 character. So without this check,
    somebody could change the file, and `verify` would still accept it.
    """
    found = _ARMOUR.fullmatch(text)
    written = b"".join(found[1].split()) if found else b""
    with suppress(ValueError):
        if written and b64encode(b64decode(written, validate=True)) == written:
            return
    raise Refused(f"{origin}: expected an SSH signature, found other bytes")


def _run(program: str, action: str, arguments: tuple[str, ...], feed: bytes) -> str:
    """Run ssh-keygen, and return its output.

    Raise Refused with the output if ssh-keygen fails, and EnvparityError if it does not answer in time.
    """
    try:
        ended = Supervisor().run(Task((program, "-Y", action, *arguments), Path.cwd(), _TIMEOUT, feed))
    except NotEnded as error:
        raise EnvparityError(f"ssh-keygen: expected an answer within {_TIMEOUT:g} s, found: {error}") from error
    output, complaints = (text.decode("utf-8", "replace") for text in (ended.output, ended.complaints))
    if ended.status != 0:
        lines = [line for line in (*complaints.splitlines(), *output.splitlines()) if line.strip()]
        said = visible(" / ".join(line.strip() for line in lines))[:300] or f"exit status {ended.status}"
        raise Refused(f"expected the signature of an allowed signer, found: ssh-keygen -Y {action}: {said}")
    return output
