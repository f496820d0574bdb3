"""Finds what is installed in an environment, which distribution owns each file, and whether two environments differ.

This package knows nothing about the project that it runs in: every such fact comes from `[tool.envparity]` in
pyproject.toml.
"""

# A snapshot of 800 distributions is about 12 MB, so a larger file than this is not a snapshot.
LARGEST_SNAPSHOT = 512 << 20  # bytes
