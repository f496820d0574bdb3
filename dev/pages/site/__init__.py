"""`scripts/docs --site`: makes a website with a search from the Markdown pages of the repository."""
