"""Shows what is installed in Python environments, and compares them with their locks and with each other.

Nothing in this package is specific to one project. A project's settings are in `[tool.envparity]` of its
pyproject.toml.
"""

__version__ = "0.1.0"

# A snapshot is a JSON file that lists everything in an environment. The snapshot of 800 distributions has about 12 MB.
LARGEST_SNAPSHOT = 512 << 20  # bytes; a larger file is not a snapshot
