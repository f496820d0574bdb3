"""`scripts/release`: makes everything that a release publishes, and proves that it can be made again, byte for byte."""
