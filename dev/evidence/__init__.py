"""The recorded runs from which some pages of docs/ are generated, and the code that records them.

`runs` reads and writes the recorded files. `cures`, `fresh`, `builds`, `faults` and `terminal` make the runs that only
`scripts/docs --record` needs. `builds` runs its builds in the containers of `sandbox`. `record` makes every run except
those of `terminal`.
"""
