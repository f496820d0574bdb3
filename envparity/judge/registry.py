"""Lists every family of checks, in the order of reports and documents, and every rule by its code."""

from envparity.judge import (
    acceptance,
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
from envparity.judge.rules import Rule

FAMILIES = (
    interpreter.FAMILY,
    resolution.FAMILY,
    integrity.FAMILY,
    ownership.FAMILY,
    startup.FAMILY,
    bytecode.FAMILY,
    built.FAMILY,
    toolchain.FAMILY,
    behaviour.FAMILY,
    transform.FAMILY,
    acceptance.FAMILY,
)
EVERY_RULE: dict[str, Rule] = {rule.code: rule for family in FAMILIES for rule in family.rules}
