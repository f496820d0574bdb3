"""What a project says about itself: `[tool.envparity]` in its pyproject.toml, and its locks."""
