"""The doors of this repository, and the code that makes each of them.

A door is one way into an environment: `venv`, `docker`, `devcontainer` or `nix`. `door` has the interface that every
door implements, and `registry` lists the doors. Each door has its own module. `image` builds an image with `engine`, on
top of an image from `bases`. `verify` builds an image twice and compares the two images. `offline` makes stand-ins:
replacements for things that a machine cannot reach. The programs in `within` run inside image builds and inside
the shells of the door `nix`.
"""
