"""Tests of docs/troubleshooting.md: a person searches the page for a message, so each message must exist."""

import re
from pathlib import Path

from dev.doors.sources import list_sources
from dev.lockenv.project import Project

# Messages of other programs: Docker, Podman, Node, Nix, pip, uv, git and the shell.
FOREIGN = (
    "bad interpreter: /bin/sh^M",
    "scripts/ping: Permission denied",
    "found: Read-only file system",
    "expected to write the environments there, found: Permission denied",
    "no space left on device",
    "does not exist",
    "invalid peer certificate: UnknownIssuer",
    "CERTIFICATE_VERIFY_FAILED",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "407 Proxy Authentication Required",
    "Could not connect to 127.0.0.1:3128",
    "hash mismatch",
    "THESE PACKAGES DO NOT MATCH THE HASHES",
    "Cannot connect to the Docker daemon",
    "toomanyrequests",
    "did not resolve to an alias",
    "error setting rlimit",
    "RLIMIT_NOFILE",
    "no subuid ranges found",
    "Permission denied",
    "uv_os_get_passwd",
    "experimental Nix feature 'nix-command' is disabled",
    "SSL peer certificate or SSH remote key was not OK",
)

# The parts of a message that differ from case to case.
_GAPS = re.compile(
    r"…|=|everything that is missing|of v0\.4|\.venv-v0\.4/bin/python|x86_64-linux-gnu-gcc|/usr/bin/podman"
    r"|\d+(?:\.\d+)+|v0\.4|:'?|'|\d+ s"
)


def messages(text: str) -> list[str]:
    """Return the messages in the first column of the tables whose heading asks for a message."""
    found = []
    asked = False
    for line in text.splitlines():
        if not line.startswith("|"):
            asked = False
        elif line.startswith("| the message has"):
            asked = True
        elif asked and not line.startswith("| ---"):
            found += re.findall(r"`([^`]+)`", line.split(" | ")[0])
    return found


def test_each_message_exists(project: Project) -> None:
    """The parts between `…`, versions and paths must be in the code; an f-string has other text at these places."""
    code = " ".join(
        re.sub(r'"\s*\n\s*f?"', "", (project.root / name).read_text(encoding="utf-8"))
        for name in list_sources(
            project.root, "/dev/**/*.py", "/envparity/**/*.py", "/dev/command/*", "/dev/doors/within/*", "/flake.nix"
        )
    )
    text = (project.root / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    every = messages(text)
    assert len(every) >= 55
    missing = []
    for one in every:
        words = _GAPS.split(one)
        if one not in FOREIGN and not all(word.strip() in code for word in words):
            missing.append(one)
    assert missing == []


def test_a_test_has_each_message_of_this_project(project: Project) -> None:
    """The longest part of the message is in a test, so that the message cannot change without a failed test."""
    here = Path(__file__).resolve()
    paths = [project.root / name for name in list_sources(project.root, "/tests/**/*.py")]
    tests = " ".join(
        re.sub(r'"\s*\n\s*f?"', "", path.read_text(encoding="utf-8")) for path in paths if path.resolve() != here
    )
    every = messages((project.root / "docs" / "troubleshooting.md").read_text(encoding="utf-8"))
    longest = {one: max((part.strip() for part in _GAPS.split(one)), key=len) for one in every if one not in FOREIGN}
    assert [one for one, part in longest.items() if part not in tests] == []


def test_each_listed_message_of_another_program_is_on_the_page(project: Project) -> None:
    every = messages((project.root / "docs" / "troubleshooting.md").read_text(encoding="utf-8"))
    assert [one for one in FOREIGN if not any(one in message for message in every)] == []


def test_the_page_says_what_every_door_costs(project: Project) -> None:
    text = (project.root / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    costs = text.partition("## What each door costs")[2]
    assert {line.split("|")[1].strip() for line in costs.splitlines() if line.startswith("| ")} >= {
        *("venv", "docker", "devcontainer", "nix"),
    }
