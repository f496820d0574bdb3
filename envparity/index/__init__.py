"""Asks package indexes.

`clients` runs the user's own pip and uv, `releases` asks them about releases, and `fetch` fetches wheels and sdists.
"""
