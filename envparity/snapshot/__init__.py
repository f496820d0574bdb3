"""envparity/snapshot"""
