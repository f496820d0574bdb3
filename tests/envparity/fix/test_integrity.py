"""Tests of the fixes for altered and strange files."""

from environment_builder import Environment
from judging import lock_of, only, subject

from envparity.judge.judgement import check


def test_a_distribution_from_an_unknown_folder_has_no_fix(empty: Environment) -> None:
    empty.add("first", files={"shared.py": "a = 1\n"})
    (empty.site / "shared.py").write_text("a = 3\n")
    (empty.site / "first-1.0.dist-info" / "direct_url.json").write_text('{"url": "file:///home/me/first"}')
    assert only("file-altered", check(subject(empty.snapshot()))).fixes == ()


def test_several_strange_files_are_deleted_together(sound: Environment) -> None:
    for name in ("one", "two"):
        (sound.site / "alpha" / f"{name}.py").touch()
    (fix,) = only("file-extraneous", check(subject(sound.snapshot(), lock_of(sound)))).fixes
    assert fix.says == "Delete the files, unless you need them."
    assert fix.commands == (f"rm -- {sound.site}/alpha/one.py {sound.site}/alpha/two.py",)
