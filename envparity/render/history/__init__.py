"""Renderers of a history: text for a terminal, Markdown, an SVG picture, one HTML page, and JSON.

A history has the versions that requirements resolved to in a past period, and an event for each change.
"""
