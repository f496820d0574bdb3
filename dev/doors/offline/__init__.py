"""Stand-ins: replacements for things that this machine cannot reach. They are made of Debian's own packages.

| original | stand-in | module | used by |
| --- | --- | --- | --- |
| an installed Docker | Debian's engine, installed and started | `engine` | `scripts/offline engine` |
| the pinned base images | images of Debian's packages | `images` | `scripts/offline images` |
| an installed Nix | Debian's Nix, unpacked into a folder | `nix` | `scripts/nix` |
| nixpkgs | a flake that links this machine's programs | `nixpkgs` | `nix` |

A stand-in shows that this repository's own files work. It shows nothing about the original that it replaces. This
package imports only Python's standard library, because a bare Python runs it.
"""
