"""Plays one role of a ping test between two libp2p implementations: the dialer or the listener.

Two public test harnesses start it: unified-testing and test-plans.
"""
