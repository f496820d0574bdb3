"""The command line of `envparity`: a thin shell around `judge`, `history` and `render`.

`command` says what a command is, `environments` and `releases` have the commands, `main` lists and runs them;
`options` has the options that several commands share, `output` what they print with.
"""
