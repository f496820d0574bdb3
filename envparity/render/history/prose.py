"""A history as Markdown."""

from envparity.history.record import History
from envparity.render.history.words import (
    beginning,
    cause,
    caveats,
    effort,
    heading,
    lines,
    minute,
    others,
    told,
    verdict,
)
from envparity.render.prose import Page, cell
from envparity.render.words import printable


def as_markdown(history: History, *, everything: bool) -> str:
    """The events as a table, and how it ends; at most one comment's length."""
    history = printable(history)
    page = Page()
    page.add([f"## History of {cell(history.title)}", "", f"{cell(heading(history))}.", ""])
    page.add([f"- **{cell(verdict(history))}**", *(f"- {cell(line)}" for line in beginning(history))])
    events, left = told(history, all_of_them=everything)
    page.add([*([f"- {cell(others(left))}"] if left else []), *(f"- {cell(line)}" for line in caveats(history))])
    page.add([f"- {cell(effort(history))}", ""])
    page.table(
        ["when (UTC)", "what was released", "what changed"],
        ([minute(event.instant), cause(event), *lines(event)] for event in events),
    )
    return page.text()
