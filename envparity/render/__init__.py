"""The renderers: one module for each format. Each makes its output from the report alone."""
