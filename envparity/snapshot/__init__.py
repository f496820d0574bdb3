"""Snapshots of environments: `doors` takes them, and `types` has their fields and reads them."""
