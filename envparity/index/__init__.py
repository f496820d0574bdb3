"""Asks package indexes: `clients` runs the user's own pip and uv, and `releases` asks them about releases."""
