"""Lists the codes of findings that have no executed fix and no recorded example yet."""

WAITING = frozenset(
    (
        "artefact-differs",
        "artefact-foreign",
        "artefact-lacking",
        "artefact-unhashed",
        "artefact-untraced",
        "case-clash",
        "editable-gone",
        "editable-version",
        "home-foreign",
        "interpreter-build",
        "interpreter-replaced",
        "link-broken",
        "nothing-installed",
        "record-built-wrong",
        "script-elsewhere",
        "startup-altered",
        "startup-code",
        "startup-unlocked",
        "startup-unowned",
        "stdlib-differs",
        "stdlib-partly",
        "stdlib-shadowed",
    )
)
"""The codes that have no executed fix and no recorded example yet."""
