"""Stand-ins: what replaces a thing that this machine cannot reach, made of Debian's own packages.

| it replaces | with | module | used by |
| --- | --- | --- | --- |
| an installed Docker | Debian's engine, installed and started | `engine` | `scripts/offline engine` |
| the pinned base images | images of Debian's packages | `images` | `scripts/offline images` |
| an installed Nix | Debian's Nix, unpacked into a folder | `nix` | `scripts/nix` |
| nixpkgs | a flake that links this machine's programs | `nixpkgs` | `nix` |

A stand-in shows that this repository's own files work. It shows nothing about the thing that it replaces. Only the
standard library, because a bare Python runs it.
"""
