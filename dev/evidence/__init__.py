"""The recorded runs that pages of docs/ are made from, and the code that records them.

`runs` reads and writes the recorded files. `cures`, `fresh` and `builds` (in containers of `sandbox`) make the runs
that no other command makes. `record` makes all of them again, for `scripts/docs --record`.
"""
