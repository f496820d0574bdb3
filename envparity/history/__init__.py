"""Finds what requirements resolved to at each instant of a past period, and which release changed the result.

`resolver` asks uv what requirements resolve to as of one instant, and `walk` decides for which instants to ask.
`artefacts` fetches the chosen wheels and `contents` reads what each of them installs. `collisions` finds the import
names that several of them provide. `record` has the types of a history, `story` makes its events, and `run` does all
of this for a command line. `bisect` finds the release that broke a command, with `trial` for each run of the command.
`why` reports what brought a name in, with `introduction` for the release that did. `cache` keeps every answer.
"""
