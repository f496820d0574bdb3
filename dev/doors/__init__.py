"""The doors of this repository, and the code that makes each of them.

`door` has the interface that every door implements, and `registry` lists the doors. Each door has its own module.
`image` builds the image of a track with `engine`, on top of an image from `bases`. `verify` builds an image twice and
compares the two. `offline` makes stand-ins for things that a machine cannot reach. The programs in `within` run inside
image builds and shells.
"""
