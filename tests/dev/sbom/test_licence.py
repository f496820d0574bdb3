"""Tests of reading the licence from a distribution's metadata."""

from email.message import Message
from importlib.metadata import Distribution
from pathlib import Path

import pytest
from cyclonedx.spdx import is_expression

from dev.sbom.licence import UNSAID, Licence, read_licence, words
from dev.sbom.materials import Materials


def licence(folder: Path, *fields: str) -> Licence:
    info = folder / "sample-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "\n".join(["Metadata-Version: 2.4", "Name: sample", "Version: 1.0", *fields]) + "\n\n"
    )
    metadata = Distribution.at(info).metadata
    assert isinstance(metadata, Message)
    return read_licence(metadata)


MIT_CLASSIFIER = "Classifier: License :: OSI Approved :: MIT License"
APACHE_CLASSIFIER = "Classifier: License :: OSI Approved :: Apache Software License"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            ["License-Expression: MIT OR Apache-2.0", "License: BSD", MIT_CLASSIFIER],
            ("License-Expression", "MIT OR Apache-2.0"),
        ),
        (["License: Apache 2", MIT_CLASSIFIER], ("License", "Apache-2.0")),
        (["License: CC0-1.0 OR Apache-2.0"], ("License", "CC0-1.0 OR Apache-2.0")),
        (["License: BSD License"], ("License", None)),
        (
            ["License: BSD 3-Clause License", "        Copyright somebody", "        All rights reserved"],
            ("License", "BSD-3-Clause"),
        ),
        (["License: ", MIT_CLASSIFIER], ("Classifier", "MIT")),
        ([MIT_CLASSIFIER, APACHE_CLASSIFIER], ("Classifier", None)),
        (["Classifier: Programming Language :: Python"], ("none", None)),
    ],
)
def test_the_newest_field_decides(tmp_path: Path, fields: list[str], expected: tuple[str, str | None]) -> None:
    found = licence(tmp_path, *fields)
    assert (found.where, found.spdx) == expected


def test_unknown_words_are_shown_unchanged(tmp_path: Path) -> None:
    assert licence(tmp_path, MIT_CLASSIFIER, APACHE_CLASSIFIER).shown == "MIT License or Apache Software License"
    assert UNSAID.shown == "nothing"


def test_each_listed_word_is_in_use_and_means_a_valid_expression(environments: dict[str, Materials]) -> None:
    said = {material.licence.said for materials in environments.values() for material in materials}
    assert set(words()) - said == set()
    assert [one for one in words().values() if not is_expression(one)] == []
    assert [one for one in words() if is_expression(one)] == []
