"""The chain from the hashes in a lock to installed bytes: which wheel a pin stands for, and what is in that wheel.

An artefact is the wheel of one pin. A pin is a line of a lock, which names one version of a distribution.
"""
