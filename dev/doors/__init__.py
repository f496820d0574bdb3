"""The four doors of this repository: how each is made, and what makes it.

`door` has the interface, `registry` the list; `venv`, `docker`, `devcontainer` and `nix` are the doors. `image` builds
the image of a track on an image of `bases`, by `engine`; `verify` builds it twice and compares. `offline` replaces what
a machine cannot reach. The programs in `within` run inside image builds and shells.
"""
