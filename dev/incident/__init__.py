"""The incident, made again: `scripts/incident`.

In November 2025 a fresh environment of libp2p 0.4.0 failed with `AttributeError: module 'multihash' has no attribute
'Func'`, while environments made two weeks earlier worked. Since multiaddr 0.1.0 (2025-10-27) two distributions that
both install the package `multihash` came in: py-multihash, and libp2p's own pymultihash. They write the same two
files, so whichever is installed last wins, and which one is last is up to the installer.

This package makes that environment as of that day, with pip and with uv, and records what can be seen there: where
the error is, that the installers' own checks find nothing, what envparity finds, what the workaround of the day left
behind, and how often which distribution wins with uv.

`installers` starts pip and uv, `look` observes an environment, `stages` holds the acts, `race` repeats the install,
`run` puts all that was seen together, `expect` lists what differs from the incident as it is known, `show` prints it.
"""
