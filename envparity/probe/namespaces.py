"""Finds each `__init__.py` that makes a namespace package. Such files have many different texts.

Several distributions may share a namespace package, and each of them may install its own text of the `__init__.py`.
This module is a section of the probe, the program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast

    from envparity.probe.records import Claim

NAMESPACE_AT_MOST = 2000  # the most bytes of a file without code, for example of a file with a licence text
PARSED_AT_MOST = 64 << 10  # bytes
MAKERS = frozenset({"extend_path", "declare_namespace"})  # functions of pkgutil and pkg_resources
AROUND = frozenset(
    {"__future__", "logging", "modulefinder", "os", "pkg_resources", "pkgutil", "sys", "typing", "warnings"}
)


def namespace_in(data: bytes, wanted: list[Claim]) -> str | None:
    """Return `only` if the source `data` of an `__init__.py` makes a namespace package and does nothing else.

    Return `code` if the source makes a namespace package and also has code, and None for any other package. `wanted`
    has the size of the file in the RECORD of each distribution that lists the file. A size over NAMESPACE_AT_MOST bytes
    means that the file of that distribution has code, so the result is then `code` too.
    """
    if len(data) > PARSED_AT_MOST or not any(maker.encode() in data for maker in MAKERS):
        return None
    import ast  # not at the top, because few environments have such a file

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            body = ast.parse(data).body
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return None
    if not any(named_in(one) & MAKERS for one in body if not isinstance(one, (ast.FunctionDef, ast.ClassDef))):
        return None
    small = all(int(size) <= NAMESPACE_AT_MOST for _, _, size in wanted if size.isdecimal())
    return "only" if small and len(data) <= NAMESPACE_AT_MOST and all(map(is_harmless, body)) else "code"


def is_harmless(statement: ast.stmt) -> bool:
    """Return whether a statement of a namespace package defines no name that a program needs."""
    import ast

    if isinstance(statement, ast.ImportFrom):
        return statement.level == 0 and statement.module in AROUND
    if isinstance(statement, ast.Import):
        return all(alias.name in AROUND for alias in statement.names)
    if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr)):
        return isinstance(statement.value, (ast.Constant, ast.List, ast.Tuple)) or bool(
            named_in(statement) & (MAKERS | AROUND | {"__path__"})
        )
    if isinstance(statement, (ast.Try, ast.If, ast.With, ast.For)):
        return all(
            is_harmless(one) for one in ast.walk(statement) if isinstance(one, ast.stmt) and one is not statement
        )
    return isinstance(statement, (ast.Pass, ast.Delete))


def named_in(statement: ast.stmt) -> set[str]:
    """Return the variables and attributes that a statement names."""
    import ast

    attributes = {node.attr for node in ast.walk(statement) if isinstance(node, ast.Attribute)}
    return attributes | {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
