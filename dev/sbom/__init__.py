"""What the environments are made of, for those who have to account for it: bills of materials, and licences.

Reads the metadata that is installed, and the locks; runs nothing of what it reads.
"""
