"""Plan, run and report many ping tests.

A test runs two processes, a dialer and a listener. Each is a track's environment or a peer, that is, a program of
another implementation.
"""
