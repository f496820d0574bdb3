"""Tests of reading another file system, such as an unpacked image, without leaving it."""

from pathlib import Path

import pytest

from envparity.probe.root import Root


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Return a folder with the file `usr/lib/os.py` and with links as an image has them."""
    folder = tmp_path / "image"
    (folder / "usr/lib").mkdir(parents=True)
    (folder / "usr/lib/os.py").write_text("inside")
    (folder / "lib").symlink_to("/usr/lib")
    (folder / "usr/up").symlink_to("../../../../usr/lib")
    (folder / "a").symlink_to("b")
    (folder / "b").symlink_to("/a")
    (folder / "stolen").symlink_to("/etc/passwd")
    (folder / "bom").write_bytes(b"\xef\xbb\xbfhome = /usr\n")
    return folder


def test_links_stay_inside(image: Path) -> None:
    root = Root(str(image))
    assert root.real("/lib/os.py") == "/usr/lib/os.py"
    assert root.real("/usr/up/os.py") == "/usr/lib/os.py"
    assert root.real("/../../lib/./os.py") == "/usr/lib/os.py"
    assert root.real("/lib/../lib/os.py") == "/usr/lib/os.py"
    assert root.outer("/lib/os.py") == str(image / "usr/lib/os.py")
    assert root.text("/lib/os.py") == "inside"
    assert root.names("/usr/up") == ["os.py"]
    assert root.text("/stolen") is None


def test_a_loop_of_links_leads_nowhere(image: Path) -> None:
    root = Root(str(image))
    assert root.real("/a/x") == "/a/x"
    assert not root.exists("/a")
    assert root.text("/a") is None


def test_files_and_folders_differ(image: Path) -> None:
    root = Root(str(image))
    assert root.is_folder("/lib")
    assert not root.is_file("/lib")
    assert root.is_file("/lib/os.py")
    assert not root.exists("/nothing")
    assert root.text("/lib") is None
    assert root.text("/bom") == "home = /usr\n"


def test_this_machine_is_the_default(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    assert Root().outer(str(link)) == str(link)
    assert Root().real(str(link)) == str(tmp_path.resolve())
