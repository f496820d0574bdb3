"""Tests of the commands of fixes: the installer, the requirement, and the paths that they name."""

from dataclasses import replace
from typing import Any

import pytest
from environment_builder import Environment
from judging import Change, edited, lock_of, put, subject

from envparity.fix.place import Place


def place(clean: bytes, *changes: Change) -> Place:
    return Place(subject(edited(clean, put(("located", "prefix"), "/v"), *changes)))


def with_installer(name: str) -> Change:
    def change(document: dict[str, Any]) -> None:
        document["located"]["executable"] = "/v/bin/python"
        document["located"]["sites"] = {"site": "/v/lib/site"}
        for one in document["distributions"]:
            one["installer"] = name

    return change


def test_the_cache_of_uv_forgets_a_distribution(clean: bytes) -> None:
    by_pip, by_uv = (place(clean, with_installer(name)) for name in ("pip", "uv"))
    alpha = by_uv.subject.snapshot.by_id["alpha"]
    assert (by_pip.forget([alpha]), by_uv.forget([alpha])) == ([], ["uv cache clean alpha"])


def test_a_distribution_of_a_lock_with_hashes_comes_from_the_lock(sound: Environment) -> None:
    snapshot, hashed = sound.snapshot(), f"alpha==1.0 --hash=sha256:{'0' * 64}\n"
    alpha = snapshot.by_id["alpha"]
    (alone,) = Place(subject(snapshot, lock_of(sound, "alpha==1.0\n"))).again([alpha])
    assert alone.endswith(" --no-deps alpha==1.0")
    one = Place(subject(snapshot, lock_of(sound, hashed)))
    assert one.installer.is_hashed
    *_, last = one.again([alpha])
    assert " --no-deps --require-hashes -r " in last
    remote = Place(replace(one.subject, is_remote=True))
    assert remote.again([alpha]) == (alone,)


@pytest.mark.parametrize(
    ("source", "spec"),
    [
        (None, "alpha==1.0"),
        ({"url": "https://example.com/a.git", "commit": "c0ffee"}, "alpha @ git+https://example.com/a.git@c0ffee"),
        ({"url": "https://example.com/a.whl"}, "alpha @ https://example.com/a.whl"),
        ({"url": "file:"}, None),
    ],
)
def test_a_distribution_comes_again_from_its_source(
    source: dict[str, str] | None, spec: str | None, clean: bytes
) -> None:
    one = place(clean, put(("distributions", 0, "direct_url"), source))
    assert one.spec(one.subject.snapshot.by_id["alpha"]) == spec


@pytest.mark.parametrize("installer", ["conda", "debian"])
def test_other_tools_keep_their_packages(installer: str, clean: bytes) -> None:
    one = place(clean, with_installer(installer))
    assert not one.is_own(one.subject.snapshot.by_id["alpha"])


def test_a_distribution_of_the_base_is_not_replaced(clean: bytes) -> None:
    one = place(clean, with_installer("pip"), put(("located", "sites"), {"site": "/usr/lib/site"}))
    assert not one.is_own(one.subject.snapshot.by_id["alpha"])


def test_paths_are_those_of_the_machine(clean: bytes) -> None:
    one = place(clean, with_installer("pip"))
    keys = ("site/a/b.py", "scripts/tool", "data/share/x", "site-7/a", "site/a\\x0a", "site/a\nb")
    assert [one.path(key) for key in keys] == ["/v/lib/site/a/b.py", "/v/bin/tool", "/v/share/x", None, None, None]


def test_whole_folders_and_bytecode_are_deleted_together(empty: Environment) -> None:
    empty.add("alpha", files={"alpha/core.py": ""})
    for name in ("old/a.py", "old/sub/b.py", "alpha/left over.py", "alpha/__pycache__/left.cpython-311.pyc"):
        path = empty.site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    one = Place(subject(empty.snapshot()))
    assert one.delete(["site/old/a.py", "site/old/sub/b.py", "site/alpha/left over.py"]) == [
        f"rm -r -- {empty.site}/old",
        f"rm -- '{empty.site}/alpha/left over.py'",
    ]
    (empty.site / "alpha/left.py").touch()
    assert Place(subject(empty.snapshot())).delete(["site/alpha/left.py"]) == [
        f"rm -r -- {empty.site}/alpha/__pycache__",
        f"rm -- {empty.site}/alpha/left.py",
    ]
    assert one.delete([f"site/none{number}.py" for number in range(60)]) is None


def test_renames_follow_the_one_part_that_differs(clean: bytes) -> None:
    one = place(clean, with_installer("pip"))
    assert one.rename([("site/a/b.py", "site/A/b.py"), ("site/a/c.py", "site/A/c.py")]) == [
        "mv -- /v/lib/site/A /v/lib/site/a"
    ]
    assert one.rename([("site/a/b.py", "site/A/B.py")]) is None


def test_files_of_the_base_python_are_not_deleted(clean: bytes) -> None:
    one = place(clean, put(("interpreter", "base_sites"), ["site-2"]), put(("located", "sites"), {"site-2": "/usr/s"}))
    assert one.path("site-2/a.py") == "/usr/s/a.py"
    assert one.delete(["site-2/a.py"]) is None
