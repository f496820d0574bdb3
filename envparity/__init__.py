"""Finds what is installed in an environment, whose it is, and whether two environments are the same.

This package knows nothing about the project that it runs in: every such fact comes from `[tool.envparity]` in
pyproject.toml.
"""

# A snapshot of 800 distributions is about 12 MB, so a larger file than this is not a snapshot.
LARGEST_SNAPSHOT = 512 << 20  # bytes
