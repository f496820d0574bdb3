"""Writes the wheels that the faulty environments install. They have the names of real projects and a few lines each."""

import base64
import hashlib
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

_TIME = (2020, 2, 2, 0, 0, 0)  # the time of every file in a wheel, fixed so that each run writes the same bytes


def write_wheel(
    folder: Path,
    name: str,
    version: str,
    files: Mapping[str, str] | None = None,
    *,
    requires: Iterable[str] = (),
    python: str = "",
    hexadecimal: bool = False,
) -> Path:
    """Write a wheel into `folder` and return its path.

    `files` maps each path in the wheel to its text; without it, the wheel has one package with the name of the
    distribution. `python` is the value of Requires-Python. With `hexadecimal`, RECORD wrongly has hexadecimal hashes.
    """
    plain = name.replace("-", "_")
    info = f"{plain}-{version}.dist-info"
    fields = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {one}" for one in requires)]
    every = {
        **(files if files is not None else {f"{plain}/__init__.py": f"__version__ = {version!r}\n"}),
        f"{info}/METADATA": "\n".join(
            ["Metadata-Version: 2.1", *fields, *([f"Requires-Python: {python}"] * bool(python)), ""]
        ),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: faults\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = [record_row(path, text.encode(), hexadecimal=hexadecimal) for path, text in every.items()]
    every[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,"]) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{plain}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in every.items():
            entry = zipfile.ZipInfo(inside, _TIME)
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, text)
    return path


def record_row(path: str, data: bytes, *, hexadecimal: bool = False) -> str:
    """Return the row of RECORD for a file; `hexadecimal` writes the hash in hexadecimal, which is wrong."""
    found = hashlib.sha256(data)
    digest = found.hexdigest() if hexadecimal else base64.urlsafe_b64encode(found.digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(data)}"


def write_every_wheel(folder: Path) -> None:
    """Write the wheels that pip and uv find while an environment is made or fixed.

    `idna`, `urllib3` and `requests` are in every environment. Each of the other wheels is only for certain faults.
    """
    write_wheel(folder, "idna", "3.5")
    write_wheel(folder, "idna", "3.6")
    write_wheel(folder, "urllib3", "1.26.18")
    write_wheel(folder, "urllib3", "2.2.0")
    write_wheel(
        folder,
        "requests",
        "2.31.0",
        {
            "requests/__init__.py": "from requests.sessions import Session\n",
            "requests/sessions.py": "class Session:\n    trust_env = True\n",
            "requests/certs.py": "bundle = 'cacert.pem'\n",
            "requests/adapters.py": "retries = 0\n",
        },
        requires=["idna>=2.5,<4", "urllib3>=1.21.1,<3"],
    )
    write_wheel(folder, "rich", "13.7.0")
    hook = {"coverage/__init__.py": "", "a1_coverage.pth": "import coverage\n"}
    write_wheel(folder, "coverage", "7.6.1", hook)
    for name in ("opencv-python", "opencv-python-headless"):
        gui = name == "opencv-python"
        files = {
            "cv2/__init__.py": "from cv2.version import headless\n",
            "cv2/version.py": f"headless = {not gui}\n",
            "cv2/config.py": f"backends = {['QT'] if gui else []}\n",
        }
        write_wheel(folder, name, "4.9.0.80", files)
    write_wheel(folder, "dataclasses", "0.8", {"dataclasses.py": "def dataclass(cls): return cls\n"})
    write_wheel(folder, "typing-extensions", "4.7.1", {"typing_extensions.py": "old = True\n"})
    write_wheel(folder, "typing-extensions", "4.99.0", {"typing_extensions.py": "new = True\n"}, python=">=4")
    write_wheel(folder, "markupsafe", "2.1.5", {"markupsafe/__init__.py": "", "markupsafe/_native.py": ""})
