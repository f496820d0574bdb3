"""Tests of the options that make pip choose a wheel for another environment, from tags of wheels or from its Python."""

from typing import Any

import pytest
from judging import edited

from envparity.artefacts.tags import options_for, options_for_machine, platforms_of
from envparity.snapshot.types import Snapshot


def snapshot(clean: bytes, libc: str | None = "glibc 2.17", **interpreter: Any) -> Snapshot:
    def change(document: dict[str, Any]) -> None:
        document["interpreter"] |= {"platform": "linux-x86_64", "abi": "cpython-311-x86_64-linux-gnu", **interpreter}
        document["toolchain"]["libc"] = libc

    return edited(clean, change)


def test_the_tags_of_wheels_become_options(clean: bytes) -> None:
    tags = (
        "cp311-cp311-manylinux_2_17_x86_64",
        "cp38-abi3-manylinux2014_x86_64",
        "py3-none-any",
        "pp310-pypy310_pp73-x",
    )
    assert options_for(snapshot(clean), tags) == [
        "--implementation=cp",
        "--abi=cp311",
        "--abi=abi3",
        "--platform=manylinux_2_17_x86_64",
        "--platform=manylinux2014_x86_64",
        "--platform=x",
    ]


def test_a_text_that_is_no_tag_is_left_out(clean: bytes) -> None:
    forged = ("--index-url=x", "a b-c-d", "", "cp311-cp311", "cp311-cp311-x;y")
    assert options_for(snapshot(clean), forged) == ["--implementation=cp", "--platform=any"]
    assert len(options_for(snapshot(clean), [f"cp311-cp311-x{number}" for number in range(9999)])) < 100


@pytest.mark.parametrize(
    ("implementation", "abi", "expected"),
    [
        ("cpython", "cpython-313t-x86_64-linux-gnu", ["--implementation=cp", "--abi=cp313t"]),
        ("cpython", "cpython-38-darwin", ["--implementation=cp", "--abi=cp38"]),
        ("pypy", "pypy310-pp73-x86_64-linux-gnu", ["--implementation=pp", "--abi=pypy310_pp73"]),
        ("cpython", "cp312-win_amd64", ["--implementation=cp", "--abi=cp312"]),
        ("other", None, ["--implementation=py"]),
    ],
)
def test_the_python_becomes_options(clean: bytes, implementation: str, abi: str | None, expected: list[str]) -> None:
    found = options_for_machine(snapshot(clean, implementation=implementation, abi=abi))
    assert [one for one in found if not one.startswith("--platform")] == expected


def test_the_platforms_depend_on_the_c_library(clean: bytes) -> None:
    glibc = platforms_of(snapshot(clean))
    assert glibc[:3] == ["manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux_2_16_x86_64"]
    assert glibc[-2:] == ["manylinux1_x86_64", "linux_x86_64"]
    unknown = platforms_of(snapshot(clean, libc=None))
    assert {"manylinux_2_28_x86_64", "musllinux_1_2_x86_64"} <= set(unknown)
    assert platforms_of(snapshot(clean, platform="macosx-11.0-arm64")) == ["macosx_11_0_arm64"]
    assert platforms_of(snapshot(clean, platform="win-amd64")) == ["win_amd64"]
