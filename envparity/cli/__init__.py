"""envparity/cli"""
