"""The settings of a project, which are `[tool.envparity]` in its pyproject.toml, and its locks."""
