"""A report as a page for each kind of reader: one renderer a format, a function of the report alone."""
