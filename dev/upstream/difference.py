"""Show how files on disk would change, as a unified diff, and write them."""

from collections.abc import Iterator, Sequence
from difflib import unified_diff
from pathlib import Path

from dev.upstream.folder import Written


def changed(root: Path, files: Sequence[Written]) -> list[Written]:
    """Return the files that have another text or mode in the folder `root`, or that do not exist there."""
    return [one for one in files if _old(root, one) != one.text or (_mode(root, one) & 0o111 != 0) != one.executable]


def show(root: Path, files: Sequence[Written]) -> Iterator[str]:
    """Yield the lines of the difference between the files in `root` and `files`, in the form that `git apply` reads."""
    for one in files:
        old = _old(root, one)
        mode = "100755" if one.executable else "100644"
        yield f"diff --git a/{one.name} b/{one.name}\n"
        if old is None:
            yield f"new file mode {mode}\n"
        elif (_mode(root, one) & 0o111 != 0) != one.executable:
            yield f"old mode {'100644' if one.executable else '100755'}\nnew mode {mode}\n"
        before = [] if old is None else old.splitlines(keepends=True)
        origin = "/dev/null" if old is None else f"a/{one.name}"
        for line in unified_diff(before, one.text.splitlines(keepends=True), origin, f"b/{one.name}"):
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def write(root: Path, files: Sequence[Written]) -> None:
    """Write the files into the folder `root`. Raises OSError if a file cannot be written."""
    for one in files:
        path = root / one.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(one.text, encoding="utf-8")
        path.chmod(0o755 if one.executable else 0o644)


def _old(root: Path, one: Written) -> str | None:
    try:
        return (root / one.name).read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None


def _mode(root: Path, one: Written) -> int:
    try:
        return (root / one.name).stat().st_mode
    except OSError:
        return 0
