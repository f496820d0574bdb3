"""Judges environments. Each family of findings has a module with its rules, its check and its comparison.

A finding is one problem in an environment or one difference between environments. A family is a group of findings.
"""
