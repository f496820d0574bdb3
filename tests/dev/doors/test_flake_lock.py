"""Tests of flake.lock: its entry for nixpkgs has a published revision and hash, in the form in which Nix writes it."""

import json
from typing import Any

from dev.lockenv.project import Project

ATTESTED: dict[str, Any] = {
    "locked": {
        "lastModified": 1780203844,
        "narHash": "sha256-K5sT4jTpGs15ADhviMKNBH38REpPf5Q6mM1+N6cArVE=",
        "owner": "NixOS",
        "repo": "nixpkgs",
        "rev": "b51242d7d43689db2f3be91bd05d5b24fbb469c4",
        "type": "github",
    },
    "original": {"owner": "NixOS", "ref": "nixos-26.05", "repo": "nixpkgs", "type": "github"},
}


def test_the_lock_has_the_published_hash_of_nixpkgs(project: Project) -> None:
    text = (project.root / "flake.lock").read_text()
    lock = {"nodes": {"nixpkgs": ATTESTED, "root": {"inputs": {"nixpkgs": "nixpkgs"}}}, "root": "root", "version": 7}
    assert text == json.dumps(lock, indent=2, sort_keys=True) + "\n"


def test_nixpkgs_is_the_only_input_and_its_python_packages_are_unused(project: Project) -> None:
    text = (project.root / "flake.nix").read_text()
    assert [line.strip() for line in text.splitlines() if "inputs" in line] == [
        'inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";'
    ]
    assert "python311Packages" not in text
    assert "python3Packages" not in text
