"""Finds the wheel of each pin of a lock, and reads the wheel's files, to compare them with the installed files.

In this package, an artefact is the wheel of one pin. A pin names one exact version of a distribution.
"""
