"""The list of every page of docs/ that `scripts/docs` writes."""

from importlib import import_module

from dev.lockenv.project import Project

PAGES = {
    "reference/commands.md": "dev.pages.commands",
    "reference/findings.md": "dev.pages.findings",
    "reference/licences.md": "dev.pages.licences",
    "reference/limits.md": "dev.pages.limits",
    "reference/performance.md": "dev.pages.performance",
    "reference/toolchain.md": "dev.pages.toolchain",
    "reference/why-evidence.md": "dev.pages.why_evidence",
    "concepts/why-the-environments-differed.md": "dev.pages.why",
    "pictures/why-the-environments-differed.svg": "dev.pages.timeline",
    "pictures/first-ping.svg": "dev.pages.terminal:first-ping",
    "pictures/collision.svg": "dev.pages.terminal:collision",
    "pictures/four-doors.svg": "dev.pages.terminal:four-doors",
}
"""Maps the path of each file, below docs/, to the module whose `render(project)` returns the file's text.

If a module makes several pictures, a colon and a picture's name follow the module's name. Then `render(project, name)`
returns the text of the picture.

To drop a page, delete its module, its template and its line here.
"""


def render_page(name: str, project: Project) -> str:
    """Return the text of the page `name`, a key of PAGES.

    Raises CommandError if a source of the page is missing or contradicts the page.
    """
    module, _, picture = PAGES[name].partition(":")
    render = import_module(module).render
    text: str = render(project, picture) if picture else render(project)
    return text
