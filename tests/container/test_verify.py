"""Two builds: the same image, or each difference by layer, file and owner."""

import io
import tarfile
from pathlib import Path

import pytest

from container.base import Base, _load
from container.engine import Engine
from container.image import make_plan
from container.verify import build_twice, differences, read_layer
from lockenv.project import Project

RECORD = "site/thing.py,sha256=x,1\nthing-1.0.dist-info/RECORD,,\n".replace("site/", "")


def layer(path: Path, **changed: object) -> Path:
    """A layer with a distribution in it, changed in one respect."""
    with tarfile.open(path, "w") as file:
        code = changed.get("data", b"1")
        assert isinstance(code, bytes)
        for name, data in (("site/thing.py", code), ("site/thing-1.0.dist-info/RECORD", RECORD.encode())):
            facts = tarfile.TarInfo(name)
            facts.size = len(data)
            if name.endswith(".py"):
                facts.mode = int(str(changed.get("mode", 0o644)))
                facts.mtime = int(str(changed.get("mtime", 0)))
            file.addfile(facts, io.BytesIO(data))
    return path


def test_whose_a_file_of_a_layer_is(tmp_path: Path) -> None:
    entries, owners = read_layer(layer(tmp_path / "layer.tar").read_bytes())
    assert owners["site/thing.py"] == "thing-1.0"
    assert entries["site/thing.py"].size == 1


@pytest.mark.docker
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"data": b"2"}, "sha256 "),
        ({"mode": 0o600}, "mode 420 or 384"),
        ({"mtime": 7}, "time 0 or 7"),
    ],
)
def test_each_difference_is_told_with_its_owner(
    engine: Engine, tmp_path: Path, changed: dict[str, object], said: str
) -> None:
    bases = [Base(f"py-libp2p-ping-test/test-verify:{number}", (), {}) for number in (1, 2)]
    try:
        _load(engine, bases[0], layer(tmp_path / "one.tar"))
        _load(engine, bases[1], layer(tmp_path / "two.tar", **changed))
        (line,) = [one for one in differences(engine, bases[0].tag, bases[1].tag) if one.startswith("layer")]
        assert line.startswith("layer 1: site/thing.py (thing-1.0): ")
        assert said in line
    finally:
        engine.run(["image", "rm", "--force", *(one.tag for one in bases)], purpose="removing")


@pytest.mark.docker
@pytest.mark.network
@pytest.mark.timeout(600)
@pytest.mark.parametrize("track", ["v0.4", "v0.8"])
def test_two_builds_from_nothing_are_one_image(engine: Engine, project: Project, base: str, track: str) -> None:
    first, second, parted = build_twice(engine, project, make_plan(project, track, base))
    assert (first == second, parted) == (True, [])
