"""Tests of the implementations in a matrix: their pinned versions, and the layers that each does not support.

An implementation is a version of py-libp2p, or a peer: a program for the ping test in Go, Rust or JavaScript.
"""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from dev.command.errors import CommandError, UsageError
from dev.lockenv.project import Project
from dev.matrix.implementations import everything, find_parties, not_built, unsupported
from dev.matrix.plan import Test
from pingtest.settings import Muxer, SecureChannel, Transport

PEERS = {"go": ("go.mod", "peer", "github.com/libp2p/go-libp2p v0.51.0\n", "0.51.0")}
PEERS["js"] = ("package.json", "run", '{"dependencies": {"libp2p": "3.3.11"}}', "3.3.11")
PEERS["rust"] = ("Cargo.toml", "release/peer-rust", '[x]\nlibp2p = { version = "=0.57.1", features = [] }\n', "0.57.1")


@pytest.fixture
def bare(project: Project, tmp_path: Path) -> Project:
    """Return the project with its locks and without peers."""
    shutil.copytree(project.root / "locks", tmp_path / "locks")
    return replace(project, root=tmp_path, home=tmp_path)


def add_peer(root: Path, name: str, text: str, *, built: bool = True) -> None:
    folder = root / "peers" / name
    folder.mkdir(parents=True)
    (folder / PEERS[name][0]).write_text(text)
    if built:
        made = root / ".cache" / "peers" / name / PEERS[name][1]
        made.parent.mkdir(parents=True)
        made.touch()


def test_the_version_of_a_track_is_in_its_lock(bare: Project) -> None:
    told = [(party.name, party.implementation.version, party.program) for party in find_parties(bare)]
    assert told == [("v0.4", "0.4.0", None), ("v0.8", "0.8.1", None), ("v0.8-py313", "0.8.1", None)]
    assert [party.implementation.version for party in find_parties(bare, ["v0.4-git"])] == ["30c6686"]


@pytest.mark.parametrize("name", PEERS)
def test_the_version_of_a_peer_is_in_its_build_file(bare: Project, name: str) -> None:
    add_peer(bare.root, name, PEERS[name][2])
    party = find_parties(bare)[-1]
    assert (party.name, party.implementation.version) == (name, PEERS[name][3])
    assert party.program == bare.root / "peers" / name / "peer"


@pytest.mark.parametrize("name", PEERS)
def test_the_version_of_each_real_peer_is_found(project: Project, bare: Project, name: str) -> None:
    path = project.root / "peers" / name / PEERS[name][0]
    if not path.exists():
        pytest.skip(f"no folder of the peer {name} in this checkout; git restore peers/{name}")
    add_peer(bare.root, name, path.read_text())
    assert find_parties(bare)[-1].implementation.version[0].isdecimal()


def test_a_peer_that_is_not_built_takes_no_part(bare: Project) -> None:
    add_peer(bare.root, "go", PEERS["go"][2], built=False)
    parties = find_parties(bare)
    assert [party.name for party in parties] == ["v0.4", "v0.8", "v0.8-py313"]
    assert not_built(bare, parties) == ["go"]
    with pytest.raises(CommandError, match=r"build it with: scripts/matrix --build go$"):
        find_parties(bare, ["go"])


def test_an_unknown_name_is_a_usage_error(bare: Project) -> None:
    with pytest.raises(UsageError, match=r"expected one of v0\.4, .*, found 'zig'"):
        find_parties(bare, ["zig"])


def test_a_build_file_without_a_version_is_an_error(bare: Project) -> None:
    add_peer(bare.root, "go", "module nothing\n")
    with pytest.raises(CommandError, match=r"go\.mod: expected the library's version, found none"):
        find_parties(bare)


def test_every_pair_is_planned_in_both_directions(bare: Project) -> None:
    add_peer(bare.root, "go", PEERS["go"][2])
    tests = list(everything(find_parties(bare)))
    assert len(set(tests)) == len(tests) == 4 * 4 * 20


@pytest.mark.parametrize(
    ("test", "why"),
    [
        (Test("v0.8", "go", Transport.TCP, SecureChannel.NOISE, Muxer.YAMUX), ""),
        (Test("v0.8", "v0.4", Transport.WEBRTC_DIRECT, None, None), "py-libp2p (v0.4) lacks webrtc-direct"),
        (
            Test("go", "v0.4", Transport.TCP, SecureChannel.PLAINTEXT, Muxer.MPLEX),
            "go-libp2p (go) lacks plaintext, mplex",
        ),
        (
            Test("js", "v0.4", Transport.WEBRTC_DIRECT, None, None),
            "js-libp2p (js) lacks webrtc-direct; py-libp2p (v0.4) lacks webrtc-direct",
        ),
    ],
)
def test_the_reason_names_the_side_and_its_missing_layers(bare: Project, test: Test, why: str) -> None:
    for name in ("go", "js"):
        add_peer(bare.root, name, PEERS[name][2])
    assert unsupported(test, {party.name: party for party in find_parties(bare)}) == why
