"""Bills of materials: what the tracks' environments hold, for people who have to account for it.

`materials` reads the metadata of what is installed, and runs nothing of it; `licence` reads the licence in it; `bill`
writes the CycloneDX document. docs/licences.md is made from the same in `dev/pages/licences.py`.

To drop all of it, delete this folder, `scripts/sbom`, the page's module and template, docs/licences.md and their tests;
then take out one entry each of dev/dispatch.py, dev/pages/registry.py and the group `tools` of pyproject.toml.
"""
