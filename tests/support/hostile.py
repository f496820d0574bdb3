"""Texts and values that an attacker might write, and a function that puts them into a snapshot.

A snapshot is envparity's list of the files and distributions of an environment, as JSON.
"""

import random
from typing import Any

STEERING = (
    "\x1b[2J\x1b]0;owned\x07",
    "\u202egpj.exe",
    "\r\n::error::x",
    "\0",
    "\ud800".encode("utf-8", "replace").decode(),
)
NASTY = (
    "",
    ".",
    "..",
    "../../../../etc/passwd",
    "/etc/passwd",
    "site/../../../x",
    "<script>alert(1)</script>",
    "'; DROP TABLE files; --",
    "${jndi:ldap://x}",
    "[link](javascript:alert(1))",
    "|a|b|\n|-|-|",
    "`x`",
    "{{ 7 * 7 }}",
    "%s%n",
    "x" * 100_000,
    "site/" + "a/" * 5000,
    "\U000e0041",
    "alpha@site/x",
    "-",
    "@",
    "alpha and beta",
    "1" * 5000,
    "9" * 30 + "!",
    *STEERING,
)
VALUES: tuple[Any, ...] = (None, True, False, 0, 1, -1, 2**63 - 1, 2**63, 1e308, [], {}, [[]], *NASTY)


def mutated(document: Any, chance: random.Random, times: int) -> None:
    """Change `times` random values of `document`, the decoded JSON of a snapshot, in place.

    In most cases the document stays a valid snapshot. `chance` makes the random choices.
    """
    for _ in range(times):
        _mutate(document, chance)


def _mutate(document: Any, chance: random.Random) -> None:
    """Choose a random value of the document, and replace, rename, drop or duplicate the value."""
    while True:
        if isinstance(document, dict) and document:
            key = chance.choice(list(document))
        elif isinstance(document, list) and document:
            key = chance.randrange(len(document))
        else:
            return
        value = document[key]
        if isinstance(value, dict | list) and value and chance.random() < 0.9:
            document = value
            continue
        _change(document, key, chance)
        return


def _change(holder: Any, key: Any, chance: random.Random) -> None:
    what = chance.randrange(6)
    if what == 0:
        holder[key] = chance.choice(VALUES)
    elif what == 1 and isinstance(holder, dict):
        holder[chance.choice(NASTY)] = holder.pop(key)
    elif what == 2:
        del holder[key]
    elif what == 3 and isinstance(holder, list):
        holder.append(holder[key])
    else:  # A value of the same type keeps the document a valid snapshot.
        holder[key] = _alike(holder[key], chance)


def _alike(value: Any, chance: random.Random) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return chance.choice((0, 1, 2**63 - 1))
    if isinstance(value, str):
        return chance.choice((*NASTY, value.upper(), value[:-1], f"{value}:{value}"))
    return value
