"""Tests of the target environments."""

from packaging.markers import default_environment

from dev.quality.locks.target import TARGETS


def test_each_target_has_every_marker_variable() -> None:
    assert len({one.name for one in TARGETS}) == len({one.python for one in TARGETS}) == len(TARGETS) == 3
    assert all(one.markers.keys() == default_environment().keys() for one in TARGETS)


def test_a_target_takes_another_python_if_its_own_is_not_allowed() -> None:
    linux = TARGETS[0]
    assert str(linux.for_python(lambda _: True)) == "linux 3.11"
    assert str(linux.for_python(lambda version: version.startswith("3.14"))) == "linux 3.14"
    assert linux.for_python(lambda _: False) is None


def test_the_tags_of_a_target_are_those_of_its_wheels() -> None:
    tags = [{str(tag) for tag in one.tags} for one in TARGETS]
    wheels = ("cp311-cp311-manylinux_2_17_x86_64", "cp313-abi3-macosx_11_0_arm64", "cp312-cp312-win_amd64")
    assert [[wheel in some for wheel in wheels] for some in tags] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ]
    assert "cp313-cp313-macosx_11_0_arm64" in tags[1]
    assert all("py3-none-any" in some for some in tags)
