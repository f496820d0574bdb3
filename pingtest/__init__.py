"""One role of one libp2p interop ping test, for either of the two public harnesses."""
