"""An installation of Python with its own site folder, and a virtual environment that also uses this site folder.

`python -m venv --system-site-packages` makes such an environment. The installation is the environment's base Python.
"""

from pathlib import Path

from environment_builder import Environment

from dev.evidence.faults.pythons import link_python
from envparity.project.config import Config


class Base(Environment):
    """An installation of Python, made of links to the standard library of the Python that runs the tests.

    Tests write distributions into its site folder. With `managed`, a file marks the installation as one of the system's
    package manager, as on Debian.
    """

    def __init__(self, folder: Path, *, managed: bool = False) -> None:
        self.folder = folder
        self.python = link_python(folder)
        library = folder / "lib" / self.python.name
        if managed:
            (library / "EXTERNALLY-MANAGED").write_text("[externally-managed]\n", encoding="utf-8")
        debian = '"dist-packages"' in (library / "site.py").read_text(encoding="utf-8")
        self.site = folder / "lib" / "python3" / "dist-packages" if debian else library / "site-packages"
        self.site.mkdir(parents=True)
        self.config = Config(root=folder)

    def environment(self, folder: Path) -> Environment:
        """Return a new virtual environment that also uses the site folder of this installation."""
        made = Environment(folder, str(self.python))
        config = folder / "pyvenv.cfg"
        config.write_text(config.read_text().replace("packages = false", "packages = true"), encoding="utf-8")
        return made


class UsualBase(Base):
    """An installation of Python with Python's usual folders, without the changes of a Linux distribution."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        library = folder / "lib" / self.python.name
        for name, debian, usual in (
            ("site.py", '"dist-packages"', '"site-packages"'),
            ("sysconfig.py", "posix_local", "posix_other"),
        ):
            path = library / name
            if path.is_file():  # Debian's Python has its own folders
                text = path.read_text(encoding="utf-8").replace(debian, usual)
                path.unlink()
                path.write_text(text, encoding="utf-8")
        self.site = library / "site-packages"
        self.site.mkdir(exist_ok=True)
