"""The renderers: one module for each format. Its output depends on nothing but the report."""
