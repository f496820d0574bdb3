"""Renderers of a history: text for a terminal, Markdown, an SVG picture, one HTML page, and JSON."""
