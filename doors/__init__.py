"""What has to be there before a door of pyproject.toml opens, and what to say where it is not."""
