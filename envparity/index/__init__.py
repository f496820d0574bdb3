"""Asks package indexes: `clients` runs the person's own pip and uv, and `releases` asks them about releases."""
