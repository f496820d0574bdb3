"""envparity/index"""
