"""Tests of the wheels of the faults: envparity reads them as wheels, and each run writes the same bytes."""

from pathlib import Path

from dev.evidence.faults.wheels import write_every_wheel, write_wheel
from envparity.history.contents import read_contents


def test_a_wheel_has_what_was_asked_for(tmp_path: Path) -> None:
    path = write_wheel(tmp_path, "my-tool", "1.0", {"my_tool.py": "a = 1\n"}, requires=["idna"], python=">=3.8")
    found = read_contents(path)
    assert (found.name, found.version, found.requires, list(found.files)) == (
        "my-tool",
        "1.0",
        ("idna",),
        ["my_tool.py"],
    )


def test_each_run_writes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_every_wheel(tmp_path / name)
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two
    assert len(one) > 10
