"""The pages of docs/ that `scripts/docs` writes, from code and from recorded runs.

`registry` names every page. One module makes one page: its `render(project)` returns the text of the file. `templates`
is the jinja2 set-up that all of them use.
"""
