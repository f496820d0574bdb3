"""The renderers: one module for each format of a report. Each module makes its output from the report alone.

`why`, `bisection` and `history` render the results of the commands `why`, `bisect` and `history` instead of a report.
"""
