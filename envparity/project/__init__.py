"""Reads the settings of a project, from `[tool.envparity]` in its pyproject.toml, and the locks of the project."""
