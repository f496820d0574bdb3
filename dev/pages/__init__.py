"""The pages of docs/ that `scripts/docs` generates from code and from recorded runs, which are results kept in files.

`registry` names every page. Each page has one module, whose `render(project)` returns the text of the file. `templates`
is the jinja2 configuration that all pages share.
"""
