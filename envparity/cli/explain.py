"""What a code means, in words."""

import textwrap
from difflib import get_close_matches

from envparity.errors import EnvparityError
from envparity.judge.codes import RULES, Code, rule

_WIDTH = 100


def explain(text: str | None) -> str:
    """One code in full, or all of them in a line each."""
    if text is None:
        width = max(len(code) for code in Code)
        return "".join(f"{code:{width}}  {one.severity:5}  {one.title}\n" for code, one in RULES.items())
    try:
        code = Code(text)
    except ValueError as error:
        near = get_close_matches(text[:60], list(Code), 3)
        close = f"; near it: {', '.join(near)}" if near else ""
        raise EnvparityError(f"explain: expected a code of `envparity explain`, found {text[:60]!r}{close}") from error
    one = rule(code)
    lines = [f"{code}: {one.title}", "", *textwrap.wrap(one.meaning, _WIDTH), "", *textwrap.wrap(one.mend, _WIDTH)]
    usual = f"Family: {one.family}. Usually {'an error' if one.severity == 'error' else 'a note'}."
    return "\n".join([*lines, "", usual]) + "\n"
