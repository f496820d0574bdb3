"""Tests of finding an environment from the path of its Python, in the layouts of every system and installer.

Where this machine has no such Python, the test makes the folders. Where it has one, Python's own modules `site` and
`sysconfig` must give the same folders.
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from pythons import other_pythons

from envparity.probe.environment import Environment, path_lines
from envparity.probe.root import Root

DEBIAN_SITE = 'sitepackages.append(os.path.join(prefix, "lib", "python3", "dist-packages"))\n'
DEBIAN_SCHEMES = "'posix_local': {\n"


class Image:
    """A file system that a test makes in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, *paths: str, text: str = "") -> "Image":
        """Write a file at each path; a path that ends with a slash becomes a folder. Return this image."""
        for path in paths:
            target = self.folder / path.lstrip("/")
            (target if path.endswith("/") else target.parent).mkdir(parents=True, exist_ok=True)
            if not path.endswith("/"):
                target.write_text(text)
        return self

    def link(self, path: str, target: str) -> "Image":
        """Make a link at `path` to `target`. Return this image."""
        self.put(path.rpartition("/")[0] + "/")
        (self.folder / path.lstrip("/")).symlink_to(target)
        return self

    def venv(self, folder: str, home: str, python: str, extra: str = "") -> "Image":
        """Make a virtual environment of Python 3.11 without its site folder. Return this image."""
        self.put(f"{folder}/pyvenv.cfg", text=f"home = {home}\n{extra}")
        return self.link(f"{folder}/bin/python", f"{home}/{python}")

    def find(self, executable: str, series: str = "3.11", implementation: str = "cpython") -> Environment:
        """Return the environment of an executable in this image."""
        return Environment(executable, series, implementation, Root(str(self.folder)))


@pytest.fixture
def image(tmp_path: Path) -> Image:
    """Return an empty file system."""
    return Image(tmp_path / "image").put("/")


def debian(image: Image) -> Image:
    """Make Debian's Python 3.11 in an image, with its two folders for distributions. Return the image."""
    image.put("/usr/bin/python3.11", "/usr/lib/python3.11/os.py", "/usr/lib/python3.11/EXTERNALLY-MANAGED")
    image.put("/usr/lib/python3.11/site.py", text=DEBIAN_SITE)
    image.put("/usr/lib/python3.11/sysconfig.py", text=DEBIAN_SCHEMES)
    image.put("/usr/lib/python3/dist-packages/", "/usr/local/lib/python3.11/dist-packages/")
    return image.link("/usr/bin/python3", "python3.11").link("/bin", "usr/bin").link("/lib", "usr/lib")


def test_a_plain_installation(image: Image) -> None:
    image.put("/usr/local/bin/python3.11", "/usr/local/lib/python3.11/os.py")
    image.put("/usr/local/lib/python3.11/site-packages/")
    found = (
        image.link("/usr/local/bin/python", "python3")
        .link("/usr/local/bin/python3", "python3.11")
        .find("/usr/local/bin/python")
    )
    assert found.binary == "/usr/local/bin/python3.11"
    assert (found.prefix, found.base_prefix, found.venv) == ("/usr/local", "/usr/local", False)
    assert found.sites == ["/usr/local/lib/python3.11/site-packages"]
    assert (found.folders["scripts"], found.folders["data"]) == ("/usr/local/bin", "/usr/local")
    assert (found.config, found.home, found.managed) == (None, None, False)


@pytest.mark.parametrize("executable", ["/usr/bin/python3", "/bin/python3"])
def test_debians_own_python(image: Image, executable: str) -> None:
    found = debian(image).find(executable)
    assert (found.prefix, found.stdlib) == ("/usr", "/usr/lib/python3.11")
    assert found.sites == ["/usr/local/lib/python3.11/dist-packages", "/usr/lib/python3/dist-packages"]
    assert (found.folders["scripts"], found.folders["data"]) == ("/usr/local/bin", "/usr/local")
    assert found.managed
    assert found.local_sites() == ["/usr/local/lib/python3.11/dist-packages"]


def test_a_debian_before_posix_local(image: Image) -> None:
    """Debian 11 has `dist-packages`, but the installation schemes of its sysconfig are the usual ones."""
    image.put("/usr/bin/python3.9", "/usr/lib/python3.9/os.py", "/usr/lib/python3.9/sysconfig.py")
    image.put("/usr/lib/python3.9/site.py", text=DEBIAN_SITE)
    found = image.put("/usr/lib/python3/dist-packages/").find("/usr/bin/python3.9", "3.9")
    assert found.sites == ["/usr/lib/python3/dist-packages"]
    assert found.folders["scripts"] == "/usr/bin"
    assert found.local_sites() == []


@pytest.mark.parametrize("config", ["include-system-site-packages = false\n", "Include-System-Site-Packages=FALSE"])
def test_a_virtual_environment(image: Image, config: str) -> None:
    debian(image).venv("/app/.venv", "/usr/bin", "python3.11", config)
    found = image.put("/app/.venv/lib/python3.11/site-packages/").find("/app/.venv/bin/python")
    assert (found.prefix, found.base_prefix, found.venv) == ("/app/.venv", "/usr", True)
    assert found.sites == ["/app/.venv/lib/python3.11/site-packages"]
    assert (found.config, found.home) == ("/app/.venv/pyvenv.cfg", "/usr/bin")
    assert found.folders["scripts"] == "/app/.venv/bin"
    assert found.binary == "/usr/bin/python3.11"
    assert not found.system_sites
    assert found.shared == []


@pytest.mark.parametrize("config", ["include-system-site-packages = true\n", "", "include-system-site-packages= TRUE "])
def test_system_site_packages(image: Image, config: str) -> None:
    """Without the entry, Python uses the system's site folders."""
    debian(image).venv("/app/.venv", "/usr/bin", "python3.11", config)
    found = image.put("/app/.venv/lib/python3.11/site-packages/").find("/app/.venv/bin/python")
    assert found.system_sites
    assert found.sites == [
        "/app/.venv/lib/python3.11/site-packages",
        "/usr/local/lib/python3.11/dist-packages",
        "/usr/lib/python3/dist-packages",
    ]
    assert found.shared == found.sites[1:]


def test_the_folder_of_python_314_is_where_pyvenv_cfg_is(image: Image) -> None:
    image.put("/opt/bin/python3.14", "/opt/lib/python3.14/os.py")
    image.put("/env/bin/pyvenv.cfg", text="home = /opt/bin\n").link("/env/bin/python", "/opt/bin/python3.14")
    assert image.find("/env/bin/python", "3.14").prefix == "/env/bin"
    image.put("/opt/lib/python3.13/os.py")
    assert image.find("/env/bin/python", "3.13").prefix == "/env"


def test_fedora_keeps_its_library_in_lib64(image: Image) -> None:
    image.put("/usr/bin/python3.11", "/usr/lib64/python3.11/os.py")
    image.put("/usr/lib64/python3.11/sysconfig.py", text="'rpm_prefix': {\n")
    image.put("/usr/lib64/python3.11/site-packages/", "/usr/lib/python3.11/site-packages/")
    image.put("/usr/local/lib/python3.11/site-packages/", "/usr/local/lib64/python3.11/site-packages/")
    found = image.find("/usr/bin/python3.11")
    assert found.sites == [
        "/usr/local/lib/python3.11/site-packages",
        "/usr/local/lib64/python3.11/site-packages",
        "/usr/lib64/python3.11/site-packages",
        "/usr/lib/python3.11/site-packages",
    ]
    assert found.folders["scripts"] == "/usr/local/bin"
    image.venv("/env", "/usr/bin", "python3.11", "include-system-site-packages = false\n")
    image.put("/env/lib/python3.11/site-packages/").link("/env/lib64", "lib")
    assert image.find("/env/bin/python").sites == ["/env/lib/python3.11/site-packages"]


def test_conda(image: Image) -> None:
    image.put("/opt/conda/envs/x/bin/python3.12", "/opt/conda/envs/x/lib/python3.12/os.py")
    image.put("/opt/conda/envs/x/lib/python3.12/site-packages/", "/opt/conda/envs/x/conda-meta/")
    found = image.link("/opt/conda/envs/x/bin/python", "python3.12").find("/opt/conda/envs/x/bin/python", "3.12")
    assert (found.prefix, found.venv) == ("/opt/conda/envs/x", False)
    assert found.sites == ["/opt/conda/envs/x/lib/python3.12/site-packages"]


def test_a_framework_build(image: Image) -> None:
    versions = "/Library/Frameworks/Python.framework/Versions/3.12"
    image.put(f"{versions}/bin/python3.12", f"{versions}/lib/python3.12/os.py")
    image.put(f"{versions}/lib/python3.12/site-packages/")
    found = image.link("/usr/local/bin/python3", f"{versions}/bin/python3.12").find("/usr/local/bin/python3", "3.12")
    assert (found.prefix, found.framework()) == (versions, True)
    assert found.sites == [f"{versions}/lib/python3.12/site-packages"]
    base = "/Users/x/Library/Python/3.12"
    assert found.user_site(base) == f"{base}/lib/python/site-packages"


@pytest.mark.parametrize(("series", "implementation", "library"), [
    ("3.10", "pypy", "pypy3.10"), ("3.13t", "cpython", "python3.13t"), ("3.15", "cpython", "python3.15"),
])  # fmt: skip
def test_other_builds(image: Image, series: str, implementation: str, library: str) -> None:
    image.put("/opt/it/bin/python", f"/opt/it/lib/{library}/os.py", f"/opt/it/lib/{library}/site-packages/")
    # Another version below the same prefix is not this environment's.
    image.put("/opt/it/lib/python3.13/os.py", "/opt/it/lib/python3.13/site-packages/")
    found = image.find("/opt/it/bin/python", series, implementation)
    assert found.sites == [f"/opt/it/lib/{library}/site-packages"]
    assert found.user_site("/home/x/.local") == f"/home/x/.local/lib/{library}/site-packages"


def test_windows(image: Image) -> None:
    image.put("/Python311/python.exe", "/Python311/Lib/os.py", "/env/Lib/site-packages/")
    image.put("/env/Scripts/python.exe")
    image.put("/env/pyvenv.cfg", text="home = /Python311\ninclude-system-site-packages = false\n")
    found = Environment("/env/Scripts/python.exe", "3.11", root=Root(str(image.folder)), windows=True)
    assert (found.prefix, found.base_prefix, found.stdlib) == ("/env", "/Python311", "/Python311/Lib")
    assert found.sites == ["/env/Lib/site-packages"]
    assert found.folders["scripts"] == "/env/Scripts"


def test_an_executable_without_a_library(image: Image) -> None:
    """A Python without its standard library cannot start, but an unpacked image may have one."""
    found = image.put("/odd/bin/python").find("/odd/bin/python")
    assert (found.prefix, found.sites, found.stdlib) == ("/odd", [], "/odd/lib/python3.11")


def test_path_files_add_existing_paths(image: Image) -> None:
    site = "/opt/lib/python3.11/site-packages"
    image.put("/opt/bin/python", "/opt/lib/python3.11/os.py", "/src/", f"{site}/inner/", f"{site}/x.zip")
    image.put(f"{site}/b.pth", text="# comment\n\ninner\n/src\n/missing\nx.zip\n.\nimport os; os.abort()\nimport\tos\n")
    image.put(f"{site}/a.pth", text="/src/\r\n../site-packages\n")
    image.put(f"{site}/.hidden.pth", text="/opt/bin\n")
    assert image.find("/opt/bin/python").path_entries() == ["/opt/bin", "/src", f"{site}/inner"]
    image.put("/opt/lib/python3.13/os.py", "/opt/lib/python3.13/site-packages/.hidden.pth", text="/src\n")
    assert image.find("/opt/bin/python", "3.13").path_entries() == []


@pytest.mark.parametrize("series", ["3.8", "3.11", "3.13"])
def test_the_source_of_site_decides_whether_hidden_path_files_count(image: Image, series: str) -> None:
    """Python 3.11.7 reads such a file and Python 3.11.8 does not, as do the releases of that time of other series."""
    library = f"/opt/lib/python{series}"
    image.put(f"{library}/os.py", f"{library}/site-packages/.hidden.pth", "/opt/bin/python", text="/opt\n")
    old = '    names = [name for name in names if name.endswith(".pth")]\n'
    for text, entries in ((old, ["/opt"]), (old.replace("]", ' and not name.startswith(".")]'), [])):
        image.put(f"{library}/site.py", text=text)
        assert image.find("/opt/bin/python", series).path_entries() == entries


def test_lines_of_code_are_no_paths() -> None:
    assert path_lines(["a", "import x", "importer", " import y", "#c", "\0", ""]) == ["a", "importer", " import y"]


FACTS = """
import json, site, sys, sysconfig
paths = sysconfig.get_paths()
print(json.dumps({
    "prefix": sys.prefix, "base": sys.base_prefix, "executable": sys.executable, "stdlib": paths["stdlib"],
    "scripts": paths["scripts"], "data": paths["data"], "pure": paths["purelib"], "plat": paths["platlib"],
    "sites": site.getsitepackages(), "path": sys.path, "implementation": sys.implementation.name,
    "series": "{}.{}".format(*sys.version_info[:2]), "user": site.getusersitepackages(),
    "base_user": site.getuserbase(),
}))
"""


def facts_of(python: str | Path) -> Any:
    """Return what Python's own `site` and `sysconfig` say about an environment; None if the Python does not start."""
    done = subprocess.run([python, "-I", "-c", FACTS], capture_output=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def real(paths: Iterable[str]) -> list[str]:
    """Return the existing folders among `paths`, each once."""
    return list(dict.fromkeys(str(Path(path).resolve()) for path in paths if Path(path).is_dir()))


@pytest.mark.parametrize("options", [None, [], ["--system-site-packages"], ["--copies"]])
def test_pythons_own_modules_give_the_same_folders(options: list[str] | None, tmp_path: Path) -> None:
    """Compare with each Python of this machine, and with the virtual environments that it makes."""
    compared = 0
    for number, python in enumerate([sys.executable, *other_pythons()]):
        made = str(python)
        if options is not None:
            folder = tmp_path / str(number)
            command = [str(python), "-I", "-m", "venv", "--without-pip", *options, str(folder)]
            if subprocess.run(command, capture_output=True, check=False).returncode:
                continue
            made = str(folder / "bin" / "python")
        wanted = facts_of(made)
        if wanted is None or int(wanted["series"].partition(".")[2]) < 8:
            continue
        found = Environment(wanted["executable"], wanted["series"], wanted["implementation"])
        compared += 1
        assert (found.prefix, real([found.base_prefix])) == (wanted["prefix"], real([wanted["base"]]))
        assert real([found.stdlib]) == real([wanted["stdlib"]])
        assert real([found.folders["scripts"]]) == real([wanted["scripts"]])
        assert real([found.folders["data"]]) == real([wanted["data"]])
        assert real(found.sites) == real([wanted["pure"], wanted["plat"], *wanted["sites"]])
        assert found.user_site(wanted["base_user"]) == wanted["user"]
    assert compared
