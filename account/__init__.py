"""The account of why the environments differed: `docs/why-the-environments-differed.md`, made by `scripts/why`.

`evidence` keeps the recorded runs, `cures` and `fresh` make those that no other command makes, `record` makes all of
them anew, `document` turns them into the document and its picture. What the document
says in words is held against them before it is written.
"""
