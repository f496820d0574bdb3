"""A history, the versions that requirements resolved to in a past period, as Markdown."""

from envparity.history.record import History
from envparity.render.history import words
from envparity.render.prose import Page, cell
from envparity.render.words import printable


def as_markdown(history: History, *, everything: bool) -> str:
    """Return the beginning and the end of the history, and a table of its events, as Markdown.

    The text is short enough for one comment on a pull request. Without `everything`, the table leaves out the events
    that do not matter to the watched distributions (`Event.concerns`), and the text gives only their number.
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
