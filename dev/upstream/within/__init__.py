"""Programs of the written folder `interop/transport`: they run in a py-libp2p checkout and in the build of its image."""
