"""The recorded runs from which some pages of docs/ are generated, and the code that records them.

`runs` reads and writes the recorded files. `cures`, `fresh` and `builds` make the runs that no other command makes.
`builds` works in the containers of `sandbox`. `record` repeats all runs, for `scripts/docs --record`.
"""
