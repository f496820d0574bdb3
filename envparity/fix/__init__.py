"""The fixes of findings: shell commands with the real names of the files and distributions of a finding."""
