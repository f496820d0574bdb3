"""What of an environment some check may have to say something of."""

from typing import Any

from judging import edited, put, subject, with_file

from envparity.judge.subject import folder_of

CORE = "site/alpha/core.py"


def test_of_sound_distributions_only_the_unowned_are_notable(clean: bytes) -> None:
    one = subject(edited(clean))
    assert CORE not in one.notable
    assert all(file.role == "venv" or "unhashed" in file.claims.values() for file in one.notable.values())


def test_whatever_is_not_just_as_recorded_is_notable(clean: bytes) -> None:
    changes = [
        with_file(CORE, claims={"alpha": "size:1"}),
        with_file(CORE, claims={"alpha": "match", "beta": "match"}),
        with_file(CORE, claims={}),
        with_file(CORE, kind="link"),
        with_file(CORE, error="Permission denied"),
        with_file(CORE, pth="code"),
        with_file(CORE, elf="32-bit machine 3"),
        with_file(CORE, bytecode="checked-hash:stale"),
        with_file(CORE, bytecode="orphan", claims={}),
    ]
    for change in changes:
        assert CORE in subject(edited(clean, change)).notable
    for change in (
        with_file(CORE, bytecode="checked-hash:fresh"),
        with_file(CORE, bytecode="timestamp:fresh", claims={}),
    ):
        assert CORE not in subject(edited(clean, change)).notable


def test_what_the_system_looks_after_is_not_judged(clean: bytes) -> None:
    def managed(document: dict[str, Any]) -> None:
        document["interpreter"]["managed_sites"] = ["site-2"]
        document["distributions"][0]["metadata"] = "site-2/alpha-1.0.dist-info"

    one = subject(
        edited(clean, managed, with_file("site-2/stray.py"), with_file("scripts/alpha", claims={"alpha": "missing"}))
    )
    assert one.managed == {"alpha"}
    assert [judged.id for judged in one.judged] == ["beta"]
    assert not {"site-2/stray.py", "scripts/alpha"} & one.notable.keys()


def test_distributions_that_do_not_say_what_is_theirs(clean: bytes) -> None:
    change = put(("distributions", 0, "record"), "malformed")
    assert [one.id for one in subject(edited(clean, change)).unjudged] == ["alpha"]
    assert subject(edited(clean)).unjudged == ()


def test_without_a_lock_there_are_no_pins(clean: bytes) -> None:
    assert subject(edited(clean)).pins == {}
    assert subject(edited(clean)).metadata["site/alpha-1.0.dist-info"].name == "alpha"


def test_where_a_path_begins() -> None:
    assert folder_of("site/alpha/a/b.py") == "site/alpha"
    assert folder_of("site/beta.py") == "site/beta.py"
    assert folder_of("site") == "site"
