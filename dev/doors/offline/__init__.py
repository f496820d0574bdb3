"""dev/doors/offline"""
