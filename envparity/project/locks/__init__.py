"""envparity/project/locks"""
