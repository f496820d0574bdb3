"""The renderers: one module for each format of a report. Each module makes its output from the report alone.

`why`, `bisection` and the package `history` render the results of other commands.
"""
