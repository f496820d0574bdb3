"""Tests of the tree that the layers of an image form: whiteouts, links, hard links, and hostile members."""

import tarfile

import pytest
from archives import Entry, entry, folder, hard_link, link, region, tar

from envparity.errors import EnvparityError
from envparity.outside import tree as tree_module
from envparity.outside.spool import Spool
from envparity.outside.tar import members
from envparity.outside.tree import File, Folder, Link, Special, Tree


def layered(*layers: list[Entry], whiteouts: bool = True) -> Tree:
    made = Tree()
    with Spool() as spool:
        for number, entries in enumerate(layers, 1):
            archive = region(tar(*entries), spool)
            made.add_layer(members(archive, spool, "test"), f"layer {number}", whiteouts=whiteouts)
    return made


def paths(tree: Tree) -> set[str]:
    found: set[str] = set()
    for path, inside in tree.walk_all():
        found |= {f"{path.rstrip('/')}/{name}" for name, node in inside.inside.items() if not isinstance(node, Folder)}
    return found


def sizes(tree: Tree) -> dict[str, int]:
    return {path: node.size for path in paths(tree) if isinstance(node := tree.find(path, follow=False), File)}


def test_a_later_layer_replaces_files_and_keeps_the_others() -> None:
    made = layered([folder("a"), entry("a/b", b"1"), entry("a/c", b"2")], [entry("a/b", b"333")])
    assert sizes(made) == {"/a/b": 3, "/a/c": 1}


def test_every_name_is_read_from_the_root() -> None:
    assert paths(layered([entry("./a"), entry("/b"), entry("c//d"), entry("e/./f")])) == {"/a", "/b", "/c/d", "/e/f"}


def test_a_whiteout_removes_a_file_or_a_folder_of_lower_layers() -> None:
    lower = [entry("a/b"), entry("a/c"), entry("d/e/f")]
    assert paths(layered(lower, [entry("a/.wh.b"), entry(".wh.d")])) == {"/a/c"}


def test_a_whiteout_never_removes_what_its_own_layer_adds_in_either_order() -> None:
    lower = [entry("a/b", b"old"), entry("d/e")]
    for upper in (
        [entry("a/.wh.b"), entry("a/b", b"n"), entry("d/.wh..wh..opq"), entry("d/f")],
        [entry("a/b", b"n"), entry("a/.wh.b"), entry("d/f"), entry("d/.wh..wh..opq")],
    ):
        assert sizes(layered(lower, upper)) == {"/a/b": 1, "/d/f": 0}


def test_an_opaque_folder_hides_everything_below_it_in_lower_layers() -> None:
    lower = [entry("a/b/c"), entry("a/d")]
    assert paths(layered(lower, [folder("a"), entry("a/.wh..wh..opq"), entry("a/b/e")])) == {"/a/b/e"}


def test_a_whiteout_for_nothing_or_behind_a_link_is_no_error() -> None:
    lower = [entry("real/x"), link("alias", "real")]
    assert paths(layered(lower, [entry("none/.wh.x"), entry("alias/.wh.x"), entry(".wh..wh.plnk")])) == {"/alias"}


def test_without_layers_a_name_like_a_whiteout_is_an_ordinary_name() -> None:
    assert paths(layered([entry("a"), entry(".wh.a")], whiteouts=False)) == {"/a", "/.wh.a"}


def test_a_hard_link_has_the_bytes_of_another_layer_and_keeps_them() -> None:
    made = layered([entry("a", b"123")], [hard_link("b", "a")], [entry("a", b"1")])
    assert sizes(made) == {"/a": 1, "/b": 3}


def test_a_hard_link_may_be_a_second_name_of_a_link() -> None:
    made = layered([link("a", "/etc"), hard_link("b", "a")])
    node = made.find("b", follow=False)
    assert isinstance(node, Link)
    assert node.target == "/etc"


def test_a_member_behind_a_link_is_in_the_folder_that_the_link_leads_to() -> None:
    made = layered([folder("usr/lib"), link("lib", "usr/lib")], [entry("lib/x", b"1")])
    assert sizes(made) == {"/usr/lib/x": 1}


def test_a_link_that_is_replaced_leads_to_its_new_target_from_then_on() -> None:
    layer = [
        *(folder("a"), folder("b"), link("l", "a"), entry("l/one", b"1"), entry("l/two", b"2")),
        *(link("l", "b"), entry("l/three", b"3"), entry("l/four", b"4")),
        *(entry("b/five", b"5"), entry("b/.", kind=tarfile.DIRTYPE), entry("b/six", b"6")),
    ]
    assert sorted(paths(layered(layer))) == ["/a/one", "/a/two", "/b/five", "/b/four", "/b/six", "/b/three", "/l"]


def test_a_folder_replaces_a_link_and_a_file_replaces_a_folder() -> None:
    made = layered([folder("a"), link("b", "a"), entry("c/d")], [folder("b"), entry("b/x"), entry("c")])
    assert paths(made) == {"/b/x", "/c"}


def test_links_are_resolved_inside_the_image() -> None:
    made = layered(
        [
            entry("etc/passwd", b"image"),
            link("absolute", "/etc/passwd"),
            link("up", "../../../../etc/passwd"),
            folder("a/b"),
            link("a/b/relative", "../../etc"),
            link("chain", "a/b/relative/passwd"),
        ]
    )
    for path in ("absolute", "up", "a/b/relative/passwd", "chain", "/a/../etc/./passwd", "../etc/passwd"):
        found = made.find(path, follow=True)
        assert isinstance(found, File)
        assert found.size == 5
        assert made.real(path) == "/etc/passwd"


def test_paths_that_lead_nowhere_raise_what_the_system_raises() -> None:
    made = layered([link("a", "b"), link("b", "a"), entry("c"), link("dangling", "/none/x")])
    with pytest.raises(OSError, match="Too many levels"):
        made.find("a", follow=True)
    with pytest.raises(NotADirectoryError):
        made.find("c/d", follow=True)
    with pytest.raises(FileNotFoundError):
        made.find("dangling", follow=True)
    assert isinstance(made.find("dangling", follow=False), Link)
    assert made.real("dangling/y") == "/none/x/y"
    assert made.real("a/x") == "/a/x"


def test_devices_are_noted_and_never_made() -> None:
    made = layered([entry("dev/sda", kind=tarfile.BLKTYPE), entry("dev/null", kind=tarfile.CHRTYPE)])
    assert all(isinstance(made.find(f"dev/{name}", follow=True), Special) for name in ("sda", "null"))


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ([entry("../x")], "a name with .."),
        ([entry("a/../../x")], "a name with .."),
        ([hard_link("a", "none")], "No such file"),
        ([hard_link("a", "../../etc/passwd")], "No such file"),
        ([folder("a"), hard_link("b", "a")], "a hard link to a folder"),
        ([entry("a"), entry("a/b")], "Not a directory"),
        ([link("a", "a"), entry("a/b")], "Too many levels"),
        ([link("a", "none"), entry("a/b")], "No such file"),
        ([entry(".")], "a file in place of the root"),
    ],
)
def test_a_member_that_cannot_be_part_of_an_image_is_one_clear_error(entries: list[Entry], found: str) -> None:
    with pytest.raises(
        EnvparityError, match=f"^layer 1: expected members that form a tree of files, found .*: {found}"
    ):
        layered(entries)


def test_the_number_of_files_is_limited_also_if_links_lead_to_many_new_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_module, "ENTRIES_AT_MOST", 50)
    with pytest.raises(EnvparityError, match="expected at most 50 files in all layers, found more"):
        layered([entry(f"a{number}") for number in range(51)])
    with pytest.raises(EnvparityError, match="expected at most 50 files in all layers, found more"):
        layered([entry("/".join("abcdefghij" * 6))])


def test_a_path_cannot_become_deeper_than_a_path_of_the_system() -> None:
    deep = "/".join(["d"] * 1500)
    with pytest.raises(EnvparityError, match="File name too long"):
        layered([folder(deep), link("l", deep), entry(f"l/{deep}/x")])
