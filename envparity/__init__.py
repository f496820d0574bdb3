"""Shows what is installed in Python environments, and compares them with their locks and with each other.

The package has no facts about a particular project. A project's settings are in `[tool.envparity]` of its
pyproject.toml.
"""

__version__ = "0.1.0"

# A snapshot is a JSON file that lists everything in an environment. With 800 distributions it has about 12 MB, so a
# file with more bytes than this is not a snapshot.
LARGEST_SNAPSHOT = 512 << 20  # bytes
