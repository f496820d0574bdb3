"""The answer of `envparity why`, which explains where a name comes from, as text for a person or for a log."""

from collections.abc import Callable
from functools import partial
from typing import TextIO

from rich.console import Console
from rich.text import Text

from envparity.history.origin import Origin
from envparity.history.why import Answer, Asker, Installed
from envparity.index.releases import Release
from envparity.judge.report import path_text
from envparity.render.files import printed
from envparity.render.words import number
from envparity.text import visible


def render(found: Answer, stream: TextIO | None = None) -> str:
    """Return the answer as text. If `stream` is a terminal, the text has the terminal's width and colours."""
    return printed(partial(_show, found), stream, 120)


def _show(found: Answer, out: Console) -> None:
    def line(*words: str | tuple[str, str]) -> None:
        styled = (word if isinstance(word, tuple) else (word, "") for word in words)
        out.print(Text.assemble(*((visible(text), style) for text, style in styled)), soft_wrap=True)

    if found.origin is not None:
        _show_origin(found.origin, found.door, line)
    if found.importable is not None:
        own = ", a name in Python's standard library" if found.importable.stdlib else ""
        line((f"import {found.importable.name}", "bold"), own, (f"  [{found.door}]", "dim"))
        for one in found.importable.locations:
            whose = " and ".join(f"{owner.label} ({number(owner.files, 'file')})" for owner in one.providers)
            line(f"  {one.path}: a {one.kind} of {whose or 'no distribution'}")
    if found.contested:
        out.print()
        line(("the same path, different bytes", "bold red"))
        for path in found.contested:
            there = " and ".join(path.there) or "no distribution: it was changed later"
            line(
                f"  {path.path}: claimed by {' and '.join(path.claimants)}; the file has the bytes of ", (there, "bold")
            )
        if found.torn:
            line(("  torn: the files of one package come from different distributions", "red"))
    for distribution in found.distributions:
        out.print()
        _show_installed(distribution, line)


_VERDICTS = {
    "match": "the file has its bytes",
    "unhashed": "its RECORD has no hash of the file",
    "missing": "the file is missing",
    "absent": "the file has been missing since the installation",
    "unread": "the file could not be read",
}


def _show_origin(one: Origin, door: str, line: Callable[..., None]) -> None:
    kind = "" if one.kind == "file" else f", {'missing' if one.kind == 'missing' else f'a {one.kind}'}"
    line((one.path, "bold"), kind, (f"  [{door}]", "dim"))
    if one.place is not None:
        line(f"  at {one.place}")
    if one.sha256 is not None:
        line(f"  SHA-256 {one.sha256}")
    for claim in one.claims:
        verdict = _VERDICTS.get(claim.verdict, "the file has other bytes: it was changed, or another program wrote it")
        pinned = f"; pinned in {claim.pinned}" if claim.pinned else ""
        line(f"  listed by the RECORD of {claim.label}: {verdict}{pinned}")
    if not one.claims:
        line(f"  listed by no RECORD: {one.unlisted}")


def _show_installed(one: Installed, line: Callable[..., None]) -> None:
    how = [f"installed by {one.installer}" if one.installer else "installer unknown"]
    how += ["requested by name"] * one.requested + ["editable"] * one.editable
    line((one.label, "bold"), (f"  {', '.join(how)}", "dim"))
    line(f"  provides {', '.join(one.provides) or 'nothing to import'}")
    line("  brought in by" if one.paths else "  no installed distribution requires it")
    for path in one.paths:
        line(f"    {path_text(path)}")
    known = [asker for asker in one.askers if asker.since or asker.unknown]
    if known:
        line("  required since")
    for asker in known:
        line(f"    {_since(asker, one.name)}")


def _since(asker: Asker, target: str) -> str:
    """Return one line that names the first release of a distribution that requires `target`.

    If this release is unknown, the line says why.
    """
    if asker.since is None:
        return f"{asker.label} ({asker.requirement}): release unknown: {asker.unknown}"
    first, before, worded = asker.since.first, asker.since.before, asker.since.worded
    if before is None:
        said = f"{_release(first)}, the oldest release on the index, already requires {target}"
    else:
        said = f"{_release(first)} is the first release that requires {target}; {before} does not"
    return said if worded == first else f"{said}; it is {asker.requirement} since {_release(worded)}"


def _release(one: Release) -> str:
    when = one.uploaded.strftime("%Y-%m-%d %H:%M UTC") if one.uploaded else "time of upload unknown"
    return f"{one.name} {one.version} ({when})"
