"""envparity/project"""
