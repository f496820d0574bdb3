"""Lists every family of checks, in the order of reports and documents, and every rule by its code.

A distribution that is installed next to envparity may add further families, which are plugins.
"""

from functools import cache

from envparity.judge import (
    acceptance,
    artefacts,
    behaviour,
    built,
    bytecode,
    integrity,
    interpreter,
    ownership,
    resolution,
    startup,
    toolchain,
    transform,
)
from envparity.judge.further import further_families
from envparity.judge.rules import Rule

FAMILIES = (
    interpreter.FAMILY,
    resolution.FAMILY,
    integrity.FAMILY,
    artefacts.FAMILY,
    ownership.FAMILY,
    startup.FAMILY,
    bytecode.FAMILY,
    built.FAMILY,
    toolchain.FAMILY,
    behaviour.FAMILY,
    transform.FAMILY,
    acceptance.FAMILY,
)
"""The families of envparity itself."""
EVERY_RULE: dict[str, Rule] = {rule.code: rule for family in FAMILIES for rule in family.rules}
"""The rules of envparity itself."""


@cache
def known_rules() -> dict[str, Rule]:
    """Return a dict from code to rule, for envparity and its plugins.

    Raise EnvparityError for the same reasons as `further_families`.
    """
    return EVERY_RULE | {rule.code: rule for family in further_families() for rule in family.rules}
