"""The licence that a distribution declares in one of three metadata fields, if possible as an SPDX expression."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageMetadata
from pathlib import Path

from cyclonedx.spdx import is_expression

_CLASSIFIER = "License :: "


@dataclass(frozen=True)
class Licence:
    """A declared licence: the words `said` in the metadata field `where`, and the SPDX expression that the words mean.

    `spdx` is None if the words do not mean exactly one expression.
    """

    said: str
    where: str
    spdx: str | None

    @property
    def shown(self) -> str:
        """Return the SPDX expression, or the distribution's own words if they do not mean exactly one expression."""
        return self.spdx or self.said


UNSAID = Licence("nothing", "none", None)


@cache
def words() -> Mapping[str, str]:
    """Return a dict from each known text of a licence field to its SPDX expression; ambiguous texts are left out."""
    with Path(__file__).with_name("words.toml").open("rb") as file:
        return {said: str(spdx) for said, spdx in tomllib.load(file)["words"].items()}


def read_licence(metadata: PackageMetadata) -> Licence:
    """Return the licence from the first of these fields that has one: License-Expression, License, Classifier.

    Return UNSAID if no field has a licence.
    """
    for said in metadata.get_all("License-Expression") or ():
        return Licence(said, "License-Expression", _spdx(said))
    for text in metadata.get_all("License") or ():
        # Some distributions have the whole licence text in this field; its first line is the licence's name.
        if said := next((line.strip() for line in text.splitlines() if line.strip()), ""):
            return Licence(said, "License", _spdx(said))
    classified = [one.rpartition(" :: ")[2] for one in metadata.get_all("Classifier") or () if _CLASSIFIER in one]
    if classified:
        said = " or ".join(classified)
        return Licence(said, "Classifier", _spdx(said))
    return UNSAID


def _spdx(said: str) -> str | None:
    """Return the SPDX expression for a text, which may already be an expression; None if its meaning is not known."""
    return words().get(said) or (said if is_expression(said) else None)
