"""The programs of the written folder: they run in a py-libp2p checkout and in the build of its image."""
