"""Tests of findings (errors and notes) about files that differ between doors: each difference is reported once.

A door is one way to reach an environment.
"""

from judging import OTHER, beside, codes, edited, only, put


def test_the_message_groups_doors_with_equal_bytes(clean: bytes) -> None:
    core = ("files", "site/alpha/core.py")
    changed = edited(clean, put((*core, "sha256"), OTHER))
    found = only("file-differs", beside(edited(clean), changed, edited(clean)))
    assert found.message == "alpha: site/alpha/core.py: different bytes: here and elsewhere | there"
    assert found.details[0].startswith("site/alpha/core.py: here and elsewhere ")
    assert found.details[0].endswith(", there ffffffffffff")
    assert found.doors == ("here", "there", "elsewhere")


def test_a_file_that_only_the_last_door_has_is_found(clean: bytes) -> None:
    extra = edited(
        clean, put(("files", "site/alpha/more.py"), {"size": 1, "sha256": OTHER, "claims": {"alpha": "match"}})
    )
    found = only("file-only-in", beside(edited(clean), edited(clean), extra))
    assert found.message == "alpha: site/alpha/more.py: in some doors only: here and there | elsewhere"


def test_a_finding_of_one_door_is_not_repeated_as_a_difference(clean: bytes) -> None:
    gone = edited(clean, put(("files", "site/alpha/core.py"), {"kind": "missing", "claims": {"alpha": "missing"}}))
    unread = edited(clean, put(("files", "site/alpha/core.py", "error"), "Permission denied"))
    assert beside(edited(clean), gone) == beside(gone, edited(clean)) == beside(edited(clean), unread) == []


def test_differences_in_link_mode_and_kind_are_found(clean: bytes) -> None:
    core = ("files", "site/alpha/core.py")
    linked = edited(clean, put((*core, "kind"), "link"))
    assert codes(beside(edited(clean), linked)) == {"file-differs"}
    mode = only("mode-differs", beside(edited(clean), edited(clean, put((*core, "mode"), "555"))))
    assert mode.details == ("site/alpha/core.py: here 444, there 555",)
