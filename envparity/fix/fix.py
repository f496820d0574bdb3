"""The `Fix` class: the shell commands that fix one finding behind one door.

A finding is one problem or difference that envparity reports. A door is a way to reach an environment.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from envparity.snapshot.types import doc

Kind = Literal["reinstall", "install", "uninstall", "delete", "rename", "permit", "sync", "unset", "remake", "none"]


@dataclass(frozen=True)
class Fix:
    """The commands that fix one finding behind one door; run them in order, in one shell, on the door's machine.

    A fix of the kind `none` has no commands, and `says` explains why no command would be right.
    """

    kind: Annotated[Kind, doc("The main step of the fix.")]
    says: Annotated[str, doc("A text that says what the commands do, or why the fix has no commands.")]
    commands: Annotated[tuple[str, ...], doc("The shell commands, in order.")] = ()
    distributions: Annotated[
        tuple[str, ...], doc("The distributions that the commands install or remove, as NAME==VERSION or NAME.")
    ] = ()
    paths: Annotated[
        tuple[str, ...], doc("The paths that the commands delete or rename, as in `files` of the snapshot.")
    ] = ()
    door: Annotated[str, doc("The door whose environment the commands change.")] = ""
