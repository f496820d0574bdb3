"""Explains the code of a finding. A finding is one problem or difference; its code names the kind of finding."""

import textwrap
from difflib import get_close_matches

from envparity.errors import EnvparityError
from envparity.fix.fixes import WITHOUT_COMMAND
from envparity.judge.registry import known_rules

_WIDTH = 100


def explain(code: str | None) -> str:
    """Return the explanation of one code; if `code` is None, return a line about each code.

    Raise EnvparityError if the code is unknown.
    """
    if code is None:
        width = max(len(name) for name in known_rules())
        return "".join(f"{name:{width}}  {rule.severity:5}  {rule.title}\n" for name, rule in known_rules().items())
    rule = known_rules().get(code)
    if rule is None:
        near = get_close_matches(code[:60], known_rules(), 3)
        close = f"; similar codes: {', '.join(near)}" if near else ""
        raise EnvparityError(f"explain: expected a code that `envparity explain` lists, found {code[:60]!r}{close}")
    lines = [f"{code}: {rule.title}", "", *_wrapped(rule.meaning), "", *_wrapped(f"To fix it: {rule.fix}")]
    if code in WITHOUT_COMMAND:
        lines += ["", *_wrapped(f"Why no report has a command for it: {WITHOUT_COMMAND[code]}")]
    usual = f"Family: {rule.family}. Usually {'an error' if rule.severity == 'error' else 'a note'}."
    return "\n".join([*lines, "", usual]) + "\n"


def _wrapped(text: str) -> list[str]:
    # A line break at a hyphen would cut options and file names.
    return textwrap.wrap(text, _WIDTH, break_on_hyphens=False)
