"""Bills of materials: lists of the distributions in the tracks' environments, for example for a licence check.

A track is one version of py-libp2p on one Python, with its own environment. `materials` reads the metadata of the
installed distributions without running their code. `licence` reads the licence from the metadata. `bill` writes the
CycloneDX document. `dev/pages/licences.py` makes docs/reference/licences.md from the same data.

If this repository no longer needs bills of materials, delete this folder, `scripts/sbom`, `dev/pages/licences.py` with
its template, docs/reference/licences.md and the tests of all these. Then remove their entries from dev/dispatch.py and
dev/pages/registry.py, and remove their requirements from the group `tools` of pyproject.toml.
"""
