"""The doors of this repository: how each is made, and what makes it.

`door` has the interface, `registry` the list; each door is a module of its own. `image` builds the image of a track on
an image of `bases`, by `engine`; `verify` builds it twice and compares. `offline` replaces what a machine cannot reach.
The programs in `within` run inside image builds and shells.
"""
