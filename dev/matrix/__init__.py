"""Plan, run and report many ping tests.

A test runs two processes, a dialer and a listener. Each process runs a track (one pinned version of py-libp2p on one
Python) or a peer (another program for the ping test, such as `peers/go`).
"""
