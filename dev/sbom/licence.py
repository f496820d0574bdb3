"""What a distribution says of its licence, in whichever field, and which SPDX expression that stands for."""

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
    """`said` are its own words, `where` the field that has them; `spdx` the expression that they stand for, if any."""

    said: str
    where: str
    spdx: str | None

    @property
    def shown(self) -> str:
        """The expression, or the words where they stand for none."""
        return self.spdx or self.said


UNSAID = Licence("nothing", "none", None)


@cache
def words() -> Mapping[str, str]:
    """Words of a field to the SPDX expression that they stand for; words that may mean several are in it nowhere."""
    with Path(__file__).with_name("words.toml").open("rb") as file:
        return {said: str(spdx) for said, spdx in tomllib.load(file)["words"].items()}


def read_licence(metadata: PackageMetadata) -> Licence:
    """What the newest of the fields that it has says."""
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
    """The words themselves where they are an expression, as some are in the older fields too."""
    return words().get(said) or (said if is_expression(said) else None)
