"""The incident of November 2025, reproduced by `scripts/incident`.

In November 2025 a fresh environment of libp2p 0.4.0 failed with `AttributeError: module 'multihash' has no attribute
'Func'`, while environments made two weeks earlier worked. Since multiaddr 0.1.0 (2025-10-27), an environment contains
two distributions that both install the package `multihash`: py-multihash, and pymultihash, which libp2p itself
requires. Both write the same two files, so the distribution that is installed last wins. The installer decides which
one is last.

This package makes that environment as of the day of the incident, with pip and with uv. It records where the error is
raised, that the installers' own checks find nothing, and the problems that this repository's tool envparity finds. It
also records the files that the workaround of that day left behind, and how often each distribution wins with uv.

`installers` starts pip and uv. `look` observes an environment. `stages` holds the day's requirement and workaround.
`race` repeats the install. `run` collects all observations, as the types of `facts`. `expect` lists the differences
from the known incident, and `show` prints everything.
"""
