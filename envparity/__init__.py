"""What is installed in an environment, whose it is, and whether two environments are the same.

Knows nothing of the project that it runs in: every such fact comes from `[tool.envparity]` in pyproject.toml.
"""

# A snapshot of 800 distributions is about 12 MB; what is larger than this is no snapshot.
LARGEST_SNAPSHOT = 512 << 20  # bytes
