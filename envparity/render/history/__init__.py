"""Renderers of a history: a terminal's, Markdown, a picture, one HTML page, JSON."""
