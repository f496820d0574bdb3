"""Build the website from the pages of the repository. The build fails if Sphinx warns, for example of a broken link."""

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from dev.command.errors import CommandError
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import Project

_CONFIGURATION = Path(__file__).parent
_START = "README.html"


def build_site(project: Project, into: Path) -> None:
    """Write the website to the folder `into`, which need not exist.

    First make the environment of Sphinx if it is missing. Raises CommandError if `into` has files that no build wrote,
    if the environment cannot be made, or if Sphinx warns or fails.
    """
    if into.exists() and (not into.is_dir() or (any(into.iterdir()) and not (into / _START).is_file())):
        raise CommandError(
            f"--site: expected a new or empty folder, or an earlier site, found {into}; name another folder"
        )
    python = EnvironmentMaker(project).site()
    with TemporaryDirectory(prefix="docs-") as name:
        made = Path(name) / "site"
        command: list[str | Path] = [python, "-m", "sphinx", "-b", "html", "-q", "-E", "-n", "-W", "--keep-going"]
        command += ["-c", _CONFIGURATION, "-d", Path(name) / "read", project.root, made]
        done = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=False)
        if done.returncode != 0 or done.stderr.strip():
            said = " | ".join(done.stderr.strip().splitlines()[:8]) or "nothing"
            raise CommandError(f"--site: expected Sphinx to build the pages without a warning, found: {said}")
        # A server shows index.html for the address of a folder.
        shutil.copyfile(made / _START, made / "index.html")
        shutil.rmtree(into, ignore_errors=True)
        shutil.move(made, into)
