"""A history as Markdown."""

from envparity.history.record import History
from envparity.render.history.words import cause, caveats, effort, heading, lines, minute, told, verdict
from envparity.render.prose import Page, cell


def as_markdown(history: History, *, everything: bool) -> str:
    """The events as a table, and how it ends; at most one comment's length."""
    page = Page()
    page.add([f"## History of {cell(history.title)}", "", f"{cell(heading(history))}.", ""])
    events, others = told(history, all_of_them=everything)
    page.table(
        ["when (UTC)", "what was released", "what changed"],
        ([minute(event.instant), cause(event), *lines(event)] for event in events),
    )
    more = [f"And {others} other events, which change nothing that is watched.", ""] if others else []
    page.add([*more, *(f"- {cell(line)}" for line in caveats(history))])
    page.add([f"- **{cell(verdict(history))}**", f"- {cell(effort(history))}"])
    return page.text()
