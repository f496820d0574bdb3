"""Tests of the digests in a report: which environment, lock and image the report is about."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from environment_builder import Environment
from judging import LOCK, lock_of

from envparity.judge.digests import contents_digest
from envparity.judge.session import check_door
from envparity.project.config import Config
from envparity.snapshot.doors import Look
from envparity.snapshot.outside import Outside


def test_a_report_has_the_digests_of_the_snapshot_and_of_the_lock(sound: Environment, tmp_path: Path) -> None:
    lock = Path(lock_of(sound).origin)
    saved = tmp_path / "saved.json"
    saved.write_bytes(sound.snapshot_bytes())
    config = Config(root=tmp_path).with_lock(lock)
    found = {}
    for door in (saved, sound.folder):
        report = check_door(config, str(door), None, Look(behaviour=False), locked=True)
        digests = found[door] = report.doors[0].digests
        assert digests is not None
        assert digests.snapshot == sha256(saved.read_bytes()).hexdigest()
        assert digests.lock == sha256(LOCK.encode()).hexdigest()
        assert digests.images == ()
    assert found[saved] == found[sound.folder]
    unlocked = check_door(config, str(saved), None, Look(behaviour=False), locked=False).doors[0].digests
    assert unlocked is not None
    assert unlocked.lock is None


def test_the_contents_do_not_depend_on_the_way_of_reading(sound: Environment) -> None:
    config = Config(root=sound.folder)
    found = set()
    for outside, bytecode in ((Outside(), True), (Outside(no_run=True), False)):
        look = Look(behaviour=False, bytecode=bytecode, outside=outside)
        digests = check_door(config, str(sound.folder), None, look, locked=False).doors[0].digests
        assert digests is not None
        found.add(digests.contents)
    assert found == {contents_digest(sound.snapshot())}


def relink(link: Path, target: str) -> None:
    link.unlink()
    link.symlink_to(target)


def test_each_change_of_the_environment_changes_its_contents(sound: Environment) -> None:
    found = [contents_digest(sound.snapshot())]
    link = sound.site / "link.py"
    changes: tuple[Callable[[], object], ...] = (
        lambda: (sound.site / "beta.py").write_text("import alpha \n"),
        lambda: (sound.site / "beta.py").chmod(0o755),
        (sound.site / "later.py").touch,
        lambda: link.symlink_to("no-such-file"),
        lambda: relink(link, "/no/such/file"),
        (sound.site / "alpha" / "data.txt").unlink,
        lambda: (sound.folder / "pyvenv.cfg").write_text((sound.folder / "pyvenv.cfg").read_text() + "x = 1\n"),
    )
    for change in changes:
        change()
        found.append(contents_digest(sound.snapshot()))
    assert len(set(found)) == len(changes) + 1
