"""Tests of the fixes for altered and strange files."""

import py_compile
import subprocess
import sys
from pathlib import Path

from environment_builder import Environment
from judging import codes, lock_of, of, only, subject
from msgspec.structs import replace

from envparity.judge.judgement import check
from envparity.project.config import Config
from envparity.snapshot.doors import Door, Look, open_door


def test_a_distribution_from_an_unknown_folder_has_no_fix(empty: Environment) -> None:
    empty.add("first", files={"shared.py": "a = 1\n"})
    (empty.site / "shared.py").write_text("a = 3\n")
    (empty.site / "first-1.0.dist-info" / "direct_url.json").write_text('{"url": "file:///home/me/first"}')
    assert only("file-altered", check(subject(empty.snapshot()))).fixes == ()


def test_a_distribution_that_is_linked_to_a_cache_is_not_installed_over_the_cache(tmp_path: Path) -> None:
    """`virtualenv --symlink-app-data` links pip into its cache, and lists the files of pip without hashes."""
    cache, folder = tmp_path / "cache", tmp_path / "environment"
    options = ["-q", "--app-data", str(cache), "--symlink-app-data", "-p", sys.executable, str(folder)]
    subprocess.run([sys.executable, "-I", "-m", "virtualenv", *options], check=True)
    snapshot = open_door(Door("test", (str(folder / "bin" / "python"),)), Config(root=tmp_path), None, Look())
    found = of("record-unhashed", check(subject(snapshot)))
    assert ("pip",) in {one.distributions for one in found}
    assert {one.fixes for one in found} == {()}


def test_several_strange_files_are_deleted_together(sound: Environment) -> None:
    for name in ("one", "two"):
        (sound.site / "alpha" / f"{name}.py").touch()
    (fix,) = only("file-extraneous", check(subject(sound.snapshot(), lock_of(sound)))).fixes
    assert fix.says == "Delete the files, unless you need them."
    assert fix.commands == (f"rm -- {sound.site}/alpha/one.py {sound.site}/alpha/two.py",)


def test_the_lock_decides_which_version_a_renamed_metadata_folder_gets(empty: Environment) -> None:
    info = empty.add("alpha", "1.0")
    info.rename(info.with_name("alpha-82.0.dist-info"))
    (fix,) = only("metadata-mismatch", check(subject(empty.snapshot(), lock_of(empty, "alpha==1.0\n")))).fixes
    assert fix.commands[-1].endswith(" alpha==1.0")


def test_a_strange_file_of_the_base_python_stays(sound: Environment) -> None:
    (sound.site / "strange.pth").write_text("import sys; sys.answer = 42\n")
    snapshot = sound.snapshot()
    of_base = replace(snapshot.interpreter, base_sites=("site",))
    found = only("startup-unowned", check(subject(replace(snapshot, interpreter=of_base))))
    assert [(fix.kind, fix.commands) for fix in found.fixes] == [("none", ())]


def test_bytecode_of_a_wheel_may_be_deleted(sound: Environment, tmp_path: Path) -> None:
    """RECORD lists it with its hash. numpy 2.2.6 has such a file, which is older than its source."""
    source, compiled = tmp_path / "gamma.py", tmp_path / "gamma.pyc"
    source.write_text("a = 1\n")
    py_compile.compile(str(source), str(compiled))
    name = f"__pycache__/gamma.{sys.implementation.cache_tag}.pyc"
    sound.add("gamma", files={"gamma.py": "a = 1\n# longer\n", name: compiled.read_bytes()})
    (fix,) = only("bytecode-stale", check(subject(sound.snapshot()))).fixes
    subprocess.run(["sh", "-ec", "\n".join(fix.commands)], check=True)
    assert codes(check(subject(sound.snapshot()))) == {"unlocked"}
    assert not (sound.site / name).exists()
