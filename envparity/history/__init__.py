"""What a requirement stood for at each instant of a time past, and which release changed it.

`resolver` asks uv what a requirement is as of an instant, `walk` at which instants that has to be asked, `artefacts`
reads what the chosen wheels install, `collisions` which of them want the same import name, `record` holds the history,
`story` makes it of the others' answers, `run` does it all for a command line; `cache` keeps every answer.
"""
