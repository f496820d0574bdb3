"""The commands that fix findings: each finding of `check` that a command can fix has this command, with real names."""
