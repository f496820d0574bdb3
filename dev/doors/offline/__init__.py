"""Stand-ins: replacements, made from Debian's packages, for programs and images that this machine cannot get.

| original | stand-in | module | used by |
| --- | --- | --- | --- |
| an installed Docker | Debian's engine, installed and started | `engine` | `scripts/offline engine` |
| the pinned images of Python and Redis | images of Debian's packages | `images` | `scripts/offline images` |
| an installed Nix | Debian's Nix, unpacked into a folder | `nix` | `scripts/nix` |
| nixpkgs | a flake that links to this machine's programs | `nixpkgs` | the module `nix` |

A test with a stand-in shows that this repository's own files work. It shows nothing about the original that the
stand-in replaces. This package imports only Python's standard library and code of `dev`, because it runs before
anything is installed.
"""
