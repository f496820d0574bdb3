"""Reads the locks of a project, and its settings in the table `[tool.envparity]` of its pyproject.toml."""
