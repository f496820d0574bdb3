"""Nix on this machine: the one that there is, or one from Debian's packages with a stand-in for nixpkgs.

`nix` finds or makes it, `unpacked` takes it out of Debian's packages, `standin` writes the stand-in, `places` tells
where all of it lives, `entry` is what the shells of flake.nix do on entry. Nothing but the standard library.
"""
