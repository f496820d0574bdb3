"""Finds the project folder of each editable install, whether the code is still there, and the project's version.

Different build backends write different files into the site folder, but all these files contain absolute paths: a .pth
file has the paths as lines, and a Python module has the paths as strings. This module is a section of the probe, the
program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import os

from envparity.probe.reading import names_in, read
from envparity.probe.text import escaped, printable
from envparity.probe.versions import declared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envparity.probe.distributions import Distribution


def note_source(distribution: Distribution) -> str | None:
    """Set `source` in the facts of an editable distribution to the state, the name and the version of its project.

    The state is `there`, or `gone` if a path of the project's code does not exist. With `gone`, the name and the
    version are left out. Return the project's folder; with `gone`, return the first missing path. Return None and set
    nothing if no file of the install names a folder.
    """
    wanted = paths_of_code(distribution)
    folder = distribution.project or (wanted[0] if wanted else None)
    if folder is None:
        return None
    gone = [] if os.path.isdir(folder) else [folder]
    inside = [path for path in wanted if path.endswith("/") or is_below(path, folder)]
    gone += [path.rstrip("/") for path in inside if not leads_to_code(path)]
    gone += dangling(inside)
    links = [os.path.join(distribution.folder, path) for path, _, _ in distribution.rows if "/" not in path]
    gone += [os.path.realpath(link) for link in links if os.path.islink(link) and not os.path.exists(link)]
    added = [path for path in wanted if path.endswith("/")]
    names = distribution.top_level() if added else []
    if names and not gone and not any(leads_to_code(path + name) for path in added for name in names):
        gone = [added[0] + names[0]]
    source: dict[str, str] = {"state": "gone" if gone else "there"}
    if not gone:
        source.update(declared(folder))
    distribution.facts["source"] = source
    return printable(gone[0] if gone else folder)


def is_below(path: str, folder: str) -> bool:
    """Return whether a path is a folder or is inside this folder. Both paths are absolute."""
    return (path + os.sep).startswith(folder.rstrip(os.sep) + os.sep)


def paths_of_code(distribution: Distribution) -> list[str]:
    """Return the absolute paths that the files of an editable install name.

    A path from a .pth file or an egg-link is a folder for the import path. It ends with `/`, unlike the other paths.
    """
    if distribution.facts["format"] == "egg-link":
        line = (distribution.link or "").partition("\n")[0].strip()
        return [line.rstrip("/") + "/"] if os.path.isabs(line) else []
    found: list[str] = []
    for path, _, _ in distribution.rows:
        if "/" in path or not path.endswith((".pth", ".py")):
            continue
        try:
            text = os.fsdecode(read(os.path.join(distribution.folder, path)))
        except (OSError, ValueError):
            continue
        if path.endswith(".pth"):
            lines = [line.strip() for line in text.splitlines()]
            found += [line.rstrip("/") + "/" for line in lines if os.path.isabs(line)]
        elif "editable" in path:
            found += texts_with_paths(text)
    return list(dict.fromkeys(found))


def texts_with_paths(text: str) -> list[str]:
    """Return the strings in a Python source that are absolute paths; an empty list if the source has a syntax error."""
    import ast  # not at the top, because few environments have such a module

    try:
        nodes = list(ast.walk(ast.parse(text)))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return []
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [one for one in texts if os.path.isabs(one) and len(one) > 1 and "\n" not in one]


def leads_to_code(path: str) -> bool:
    """Return whether a path leads to a file, to a folder with files, or to a module.

    setuptools names a module without the ending, for example `src/core` for `src/core.py`. The result is also True for
    a removed file such as `core.py` in an existing folder, because perhaps no program needs the file. The result is
    False for a removed `__init__.py`.
    """
    if os.path.exists(path):
        return not os.path.isdir(path) or bool(names_in(path))
    parent, name = os.path.split(path)
    if not name or not os.path.isdir(parent):
        return False
    if any(one.startswith(name + ".") and one.endswith((".py", ".so", ".pyd")) for one in names_in(parent)):
        return True
    return "." in name and name != "__init__.py"


def dangling(paths: list[str]) -> list[str]:
    """Return a list with the target of the first broken link in a folder of links; an empty list without a broken link.

    For `editable_mode=strict`, setuptools makes a folder with a link for each module. The name of this folder begins
    with `__editable__.`. `paths` are all paths of an editable install; search only such folders.
    """
    for root in paths:
        if os.path.basename(root.rstrip("/")).startswith("__editable__."):
            for folder, _, names in os.walk(root):
                for name in sorted(names):
                    path = os.path.join(folder, name)
                    if os.path.islink(path) and not os.path.exists(path):
                        return [os.path.realpath(path)]
    return []


def egg_of(link: str, base: str) -> tuple[str, str | None]:
    """Return the project's folder to which an egg-link leads, and the path of PKG-INFO in the project's .egg-info.

    The second result is None if there is no .egg-info folder. `link` is the text of the egg-link, and `base` is the
    file name of the egg-link.
    """
    place, _, relative = link.partition("\n")
    place = place.strip()
    wanted = f"{base.rpartition('.')[0]}.egg-info".replace("-", "_").lower()
    for name in names_in(place) if os.path.isabs(place) else []:
        if name.replace("-", "_").lower() == wanted:
            return os.path.normpath(os.path.join(place, relative.strip())), os.path.join(
                place, escaped(name), "PKG-INFO"
            )
    return os.path.normpath(os.path.join(place, relative.strip())), None
