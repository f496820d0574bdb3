"""dev/quality"""
