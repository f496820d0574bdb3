"""The pictures docs/pictures/report*.png: an HTML report of envparity, rendered by chromium.

The report is about the environment of `scripts/incident`, in which two distributions overwrite each other's files.
"""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from dev.command.errors import CommandError
from dev.lockenv.project import Project
from dev.lockenv.system import require_program

WIDTH, HEIGHT = 1000, 742
"""The width and height of a picture in pixels. Each picture ends below the report's list of errors."""
SCHEMES = {"report.png": "1", "report-dark.png": "0"}
"""Maps the file name of each picture to chromium's number of the page's color scheme: 1 is light, 0 is dark."""


def take_pictures(project: Project, into: Path | None = None) -> list[Path]:
    """Make the environment, let envparity write its report, take the pictures of the report, and return their paths.

    The pictures go into the folder `into`, or into docs/pictures/. Raises CommandError if chromium is missing or a
    command fails.
    """
    chromium = str(require_program(project.toolchain, "browser", "chromium"))
    scripts = project.root / "scripts"
    with TemporaryDirectory(prefix="docs-") as name:
        made, page = Path(name) / "made", Path(name) / "report.html"
        _run([scripts / "incident", "--runs", "1", "--into", made], (0,))
        _run([scripts / "parity", f"incident={made / 'pip'}", "--no-lock", "--report", page], (1,))
        folder = into or project.root / "docs" / "pictures"
        return [take(chromium, page, folder / name, scheme) for name, scheme in SCHEMES.items()]


def take(chromium: str, page: Path, into: Path, scheme: str) -> Path:
    """Take a picture of the top of a page, write it to the file `into`, and return `into`.

    `chromium` is the path of the program. `scheme` is a number of SCHEMES. Raises CommandError if chromium fails.
    """
    with TemporaryDirectory(prefix="docs-") as profile:
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
        options += ["--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={profile}"]
        options += [f"--blink-settings=preferredColorScheme={scheme}", f"--window-size={WIDTH},{HEIGHT}"]
        _run([chromium, *options, f"--screenshot={into}", page.as_uri()], (0,))
    if not into.is_file():
        raise CommandError(f"chromium: expected the new picture {into}, found no such file")
    return into


def _run(command: Sequence[str | Path], statuses: tuple[int, ...]) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode not in statuses:
        said = (done.stderr or done.stdout).strip().rpartition("\n")[2] or "nothing"
        raise CommandError(f"{command[0]}: expected status {statuses[0]}, found {done.returncode}: {said}")
