"""Environments made from the locks, the same way for every door.

Standard library only: it runs on a bare Python 3.11, before anything is installed.
"""
