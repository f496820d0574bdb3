"""A history as Markdown."""

from envparity.history.record import History
from envparity.render.history import words
from envparity.render.prose import Page, cell
from envparity.render.words import printable


def as_markdown(history: History, *, everything: bool) -> str:
    """Return the events as a Markdown table, below how the history begins and ends, at most as long as one comment.

    Without `everything`, events that change nothing that is watched are only counted.
    """
    history = printable(history)
    page = Page()
    page.add([f"## History of {cell(history.title)}", "", f"{cell(words.heading(history))}.", ""])
    page.add([f"- **{cell(words.verdict(history))}**", *(f"- {cell(line)}" for line in words.beginning(history))])
    events, left = words.told(history, all_of_them=everything)
    page.add(
        [*([f"- {cell(words.others(left))}"] if left else []), *(f"- {cell(line)}" for line in words.caveats(history))]
    )
    page.add([f"- {cell(words.effort(history))}", ""])
    page.table(
        ["when (UTC)", "release", "changes"],
        ([words.minute(event.instant), words.cause(event), *words.lines(event)] for event in events),
    )
    return page.text()
