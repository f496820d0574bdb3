"""The incident of November 2025, reproduced by `scripts/incident`.

In November 2025 a fresh environment of libp2p 0.4.0 failed with `AttributeError: module 'multihash' has no attribute
'Func'`, while environments made two weeks earlier worked. Since multiaddr 0.1.0 (2025-10-27), an environment contains
two distributions that both install the package `multihash`: py-multihash, and pymultihash, which libp2p itself
requires. Both write the same two files, so the distribution that is installed last wins: the environment has its files.
The installer decides which distribution is last.

This package makes an environment of libp2p 0.4.0 with the releases of the day of the incident, once with pip and once
with uv. It records the place of the error, the results of the installers' own checks, and the problems that envparity
finds. It also records the files that the workaround of that day left behind, and how often each distribution wins with
uv.

`installers` starts pip and uv. `look` observes an environment. `stages` holds the requirement, the day and the
workaround. `race` repeats the install. `run` collects all observations, whose types are in `facts`. `expect` lists the
differences from the known incident, and `show` prints everything.
"""
