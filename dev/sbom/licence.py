"""Reads the licence that a distribution declares, in one of three fields, as an SPDX expression where it is one."""

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
    """`said` is what the distribution says, `where` the field, `spdx` the expression it means, or None if unclear."""

    said: str
    where: str
    spdx: str | None

    @property
    def shown(self) -> str:
        """The expression, or the distribution's own words where these mean no single one."""
        return self.spdx or self.said


UNSAID = Licence("nothing", "none", None)


@cache
def words() -> Mapping[str, str]:
    """Return the SPDX expression that words of a field mean; words that can mean several licences are left out."""
    with Path(__file__).with_name("words.toml").open("rb") as file:
        return {said: str(spdx) for said, spdx in tomllib.load(file)["words"].items()}


def read_licence(metadata: PackageMetadata) -> Licence:
    """Return the licence in the newest field that the metadata has."""
    for said in metadata.get_all("License-Expression") or ():
        return Licence(said, "License-Expression", _spdx(said))
    for text in metadata.get_all("License") or ():
        # Some have the whole text here, which begins with its name.
        if said := next((line.strip() for line in text.splitlines() if line.strip()), ""):
            return Licence(said, "License", _spdx(said))
    classified = [one.rpartition(" :: ")[2] for one in metadata.get_all("Classifier") or () if _CLASSIFIER in one]
    if classified:
        said = " or ".join(classified)
        return Licence(said, "Classifier", _spdx(said))
    return UNSAID


def _spdx(said: str) -> str | None:
    """Return the expression; some older fields hold one themselves."""
    return words().get(said) or (said if is_expression(said) else None)
