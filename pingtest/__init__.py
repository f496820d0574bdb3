"""One role of one libp2p interop ping test, in the dialect of either public harness."""
