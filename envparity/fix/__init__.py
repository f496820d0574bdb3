"""The fixes of findings: shell commands that name the files and distributions of the finding."""
