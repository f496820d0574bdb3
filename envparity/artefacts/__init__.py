"""The chain from the hashes in a lock to installed bytes: finds the wheel of each pin, and reads the wheel's files.

An artefact is the wheel of one pin. A pin is a line of a lock, which names one version of a distribution.
"""
