"""Snapshots of environments: `doors` takes snapshots, and `types` reads saved snapshots and describes their fields."""
