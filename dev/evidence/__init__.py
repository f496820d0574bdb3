"""The account of why the environments differed, and of the toolchain beneath them: two documents, by `scripts/why`.

`evidence` keeps the recorded runs, `cures`, `fresh` and `builds` (in containers of `sandbox`) make those that no other
command makes, `record` makes all of them anew, `pieces` reads what each door has, `document` turns it all into the
documents and a picture. What they say in words is held against the runs before it is written.
"""
