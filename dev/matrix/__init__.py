"""Plan, run and report many ping tests.

A test runs two processes, a dialer and a listener. Each of the two is a track (one pinned version of py-libp2p on one
Python) or a peer (a program in Go, Rust or JavaScript).
"""
