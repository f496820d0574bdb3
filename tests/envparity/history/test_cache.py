"""Tests of the answers that the cache of `envparity history` keeps in files.

A Resolution is what uv resolved requirements to as of an instant. The cache returns each Resolution only for instants
at which that Resolution is valid. An Archive keeps the Contents of each wheel or sdist. The cache ignores other files
in its folder.
"""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wheels import wheel_bytes

from envparity.errors import EnvparityError
from envparity.history.cache import Archive, Resolutions
from envparity.history.contents import Contents, read_contents
from envparity.history.resolver import Question, Resolution, Selected, selected

QUESTION = Question(("app==1.0", "lib"), "3.11")
START = datetime(2025, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SHA256 = "0123456789abcdef" * 4


def at(number: int) -> datetime:
    return START + timedelta(days=number)


def resolved(asked: datetime, *uploads: datetime | None) -> Resolution:
    return Resolution(asked, tuple(Selected(f"n{number}", "1", one) for number, one in enumerate(uploads)))


def kept(cache: Path, *those: Resolution, question: Question = QUESTION) -> Resolutions:
    made = Resolutions(cache, question, "uv")
    for one in those:
        made.keep(one)
    return made


def files(cache: Path) -> list[Path]:
    return sorted(path for path in cache.rglob("*") if path.is_file())


def test_an_empty_cache_has_no_answer(tmp_path: Path) -> None:
    assert Resolutions(tmp_path / "none", QUESTION, "uv").find(START) is None
    assert Resolutions(tmp_path / "none", QUESTION, "uv").latest() is None
    assert Archive(tmp_path / "none").find((SHA256,)) is None
    assert list(tmp_path.iterdir()) == []


def test_a_resolution_holds_since_the_upload_of_its_newest_release(tmp_path: Path) -> None:
    one = resolved(at(10), at(3), None, at(5))
    for cache in (kept(tmp_path, one), Resolutions(tmp_path, QUESTION, "uv")):
        assert [cache.find(instant) for instant in (at(10), at(5) + SECOND, at(7))] == [one] * 3
        assert [cache.find(instant) for instant in (at(5), at(4), at(10) + SECOND, at(99))] == [None] * 4


def test_the_resolution_of_the_exact_instant_needs_no_release(tmp_path: Path) -> None:
    one = resolved(at(10), None)
    assert kept(tmp_path, one).find(at(10)) == one
    assert kept(tmp_path, one).find(at(10) - SECOND) is None
    assert kept(tmp_path / "empty", resolved(at(10))).find(at(9)) is None


def test_a_failure_holds_only_at_its_own_instant(tmp_path: Path) -> None:
    failed = Resolution(at(10), failure="No solution: a needs b")
    # Envparity never writes this answer, which has both releases and a failure.
    half = Resolution(at(20), (Selected("a", "1", at(11)),), "odd")
    for cache in (kept(tmp_path, failed, half), Resolutions(tmp_path, QUESTION, "uv")):
        assert cache.find(at(10)) == failed
        assert [cache.find(at(10) + step) for step in (-SECOND, SECOND, timedelta(days=5))] == [None] * 3


def test_an_answer_that_may_change_is_not_kept(tmp_path: Path) -> None:
    cache = kept(tmp_path, Resolution(at(10), failure="could not build", lasting=False))
    assert cache.find(at(10)) is None
    assert cache.latest() is None
    assert files(tmp_path) == []


@given(
    spans=st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 12), st.booleans()), max_size=6, unique_by=lambda one: one[1]
    ),
    instant=st.integers(-1, 13),
)
def test_a_kept_answer_is_valid_at_the_instant(
    tmp_path_factory: pytest.TempPathFactory, spans: list[tuple[int, int, bool]], instant: int
) -> None:
    cache = tmp_path_factory.mktemp("cache")
    those = [
        Resolution(at(asked), failure="none") if failed else resolved(at(asked), at(min(newest, asked - 1)))
        for newest, asked, failed in spans
    ]
    for found in (kept(cache, *those).find(at(instant)), Resolutions(cache, QUESTION, "uv").find(at(instant))):
        holding = [
            one
            for one in those
            if one.asked == at(instant) or (one.newest is not None and one.newest < at(instant) < one.asked)
        ]
        assert (found is None) == (holding == [])
        assert found is None or found in holding


def test_the_latest_answer_is_that_of_the_latest_instant(tmp_path: Path) -> None:
    those = [resolved(at(3), at(1)), Resolution(at(9), failure="none"), resolved(at(5), at(1))]
    assert kept(tmp_path, *those).latest() == Resolutions(tmp_path, QUESTION, "uv").latest() == those[1]


def test_another_machine_has_its_own_answers(tmp_path: Path) -> None:
    one = resolved(at(10), at(1))
    kept(tmp_path, one)
    here, elsewhere = (Question(QUESTION.requirements, QUESTION.series) for _ in range(2))
    # On a RISC-V machine, packaging would give these values.
    vars(elsewhere)["marker_environment"] = {**here.marker_environment, "platform_machine": "riscv64"}
    assert Resolutions(tmp_path, elsewhere, "uv").find(at(10)) is None
    assert Resolutions(tmp_path, here, "uv").find(at(10)) == one


def test_two_questions_never_mix(tmp_path: Path) -> None:
    one = resolved(at(10), at(1))
    kept(tmp_path, one)
    others = [
        Question(("app==1.0",), "3.11"),
        Question(("app==1.0", "lib"), "3.12"),
        Question(("app==1.0lib",), "3.11"),
        Question(("lib", "app==1.0"), "3.11"),
        Question(("app==1.0", "lib>0"), "3.11"),
    ]
    for other in others:
        assert Resolutions(tmp_path, other, "uv").find(at(10)) is None
        kept(tmp_path, resolved(at(10), at(2)), question=other)
    assert len(files(tmp_path)) == 1 + len(others)
    assert Resolutions(tmp_path, QUESTION, "uv").find(at(10)) == one


def test_an_answer_of_another_process_is_found(tmp_path: Path) -> None:
    before = Resolutions(tmp_path, QUESTION, "uv")
    code = """
import sys
from datetime import datetime
from pathlib import Path
from envparity.history.cache import Archive, Resolutions
from envparity.history.contents import Contents
from envparity.history.resolver import Question, Resolution
Resolutions(Path(sys.argv[1]), Question(("app==1.0", "lib"), "3.11"), "uv").keep(
    Resolution(datetime.fromisoformat(sys.argv[2]), failure="none")
)
Archive(Path(sys.argv[1])).keep(sys.argv[3], Contents("other", "1"))
"""
    subprocess.run([sys.executable, "-c", code, str(tmp_path), at(4).isoformat(), SHA256], check=True)
    assert Resolutions(tmp_path, QUESTION, "uv").find(at(4)) == Resolution(at(4), failure="none")
    assert Archive(tmp_path).find((SHA256,)) == Contents("other", "1")
    # `before` is older than the answer of the other process and does not find this answer. `before` still keeps its own
    # answer, and does not remove the answer of the other process.
    before.keep(resolved(at(9), at(5)))
    assert before.find(at(4)) is None
    assert Resolutions(tmp_path, QUESTION, "uv").find(at(4)) is not None


SOUND = msgspec.json.encode(resolved(at(5), at(1)), order="sorted") + b"\n"
GARBAGE = [
    *(b"", b"{", b"[]", b"null", b"\xff\xfe", b'"' + b"x" * 1000, SOUND[:-2], SOUND[:20], SOUND + b"x", b"[" * 100_000),
    *(b'{"asked": "soon"}', b'{"asked": 5}', b'{"selected": []}', b'{"asked": "2025-01-01T00:00:00Z", "selected": 3}'),
    b'{"asked": "2025-01-01T00:00:00Z", "selected": [{"name": "a"}]}',
    b'{"asked": "2025-01-01T00:00:00Z", "failure": "\xff"}',
    b'{"schema": "envparity-releases-1", "versions": {}, "metadata": {}, "uploaded": {}}',
    # The instants in these documents have no time zone. Envparity never writes such instants.
    b'{"asked": "2025-01-04T00:00:00"}',
    b'{"asked": "2025-01-04T00:00:00Z", "selected": [{"name": "a", "version": "", "uploaded": "2025-01-02T00:00:00"}]}',
]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_a_damaged_answer_is_made_again(tmp_path: Path, garbage: bytes) -> None:
    one = resolved(at(5), at(1))
    kept(tmp_path, one)
    (path,) = files(tmp_path)
    path.with_name("0-garbage.json").write_bytes(garbage)
    assert Resolutions(tmp_path, QUESTION, "uv").find(at(2)) == Resolutions(tmp_path, QUESTION, "uv").latest() == one
    path.write_bytes(garbage)
    cache = Resolutions(tmp_path, QUESTION, "uv")
    assert cache.find(at(2)) is None
    cache.keep(one)
    assert path.read_bytes() == SOUND
    assert Resolutions(tmp_path, QUESTION, "uv").find(at(2)) == one


@pytest.mark.parametrize("garbage", [*GARBAGE[:14], b'{"name": "a"}', b'{"name": "a", "version": 1}'])
def test_a_damaged_file_in_the_archive_is_made_again(tmp_path: Path, garbage: bytes) -> None:
    archive = Archive(tmp_path)
    archive.keep(SHA256, Contents("a", "1"))
    (path,) = files(tmp_path)
    path.write_bytes(garbage)
    assert archive.find((SHA256,)) is None
    archive.keep(SHA256, Contents("a", "2"))
    assert archive.find((SHA256,)) == Contents("a", "2")


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    kept(tmp_path, resolved(at(5), at(1)))
    (path,) = files(tmp_path)
    sound = path.read_bytes()
    path.write_bytes(sound + b" " * (64 << 20))  # blanks at the end do not change a JSON document
    assert Resolutions(tmp_path, QUESTION, "uv").latest() is None
    path.write_bytes(sound + b" " * 100)
    assert Resolutions(tmp_path, QUESTION, "uv").latest() is not None


def test_a_path_that_is_no_regular_file_is_not_read(tmp_path: Path) -> None:
    one = resolved(at(5), at(1))
    kept(tmp_path, one)
    (path,) = files(tmp_path)
    path.with_name("0.json").mkdir()
    path.with_name("1.json").symlink_to("/nowhere")
    assert Resolutions(tmp_path, QUESTION, "uv").latest() == one


def test_a_half_written_file_is_ignored(tmp_path: Path) -> None:
    kept(tmp_path, resolved(at(5), at(1)))
    (path,) = files(tmp_path)
    path.rename(f"{path}.part-1")
    assert Resolutions(tmp_path, QUESTION, "uv").latest() is None


def test_contents_are_found_by_the_hash_of_the_artefact(tmp_path: Path) -> None:
    archive, other = Archive(tmp_path), "f" * 64
    contents = Contents("a", "1", ("b>1",), {"a": {"a": "package"}}, {"a/__init__.py": "sha256=x"})
    archive.keep(other, contents)
    assert archive.find((SHA256, other)) == Archive(tmp_path).find((other,)) == contents
    assert archive.find((SHA256,)) is None
    assert archive.find(()) is None


def test_a_text_that_is_no_hash_names_no_file(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.keep(SHA256, Contents("a", "1"))
    (tmp_path / "outside.json").write_bytes(msgspec.json.encode(Contents("x", "1")))
    for text in ("../../outside", str(tmp_path / "outside"), "", ".", SHA256.upper(), f"{SHA256}\n", f"{SHA256}.json"):
        assert archive.find((text,)) is None


def test_no_kept_answer_has_a_path_or_an_address(tmp_path: Path) -> None:
    pylock = (
        '[[packages]]\nname = "App"\nversion = "1.0"\nindex = "https://user:pass@private.invalid/simple"\n'
        'wheels = [{ url = "https://private.invalid/app.whl", upload-time = 2025-01-01T00:00:00Z, size = 9, '
        f'path = "/home/me/app.whl", hashes = {{ sha256 = "{SHA256}" }} }}]\n'
        '[[packages]]\nname = "lib"\nvcs = { url = "https://private.invalid/lib.git" }\n'
    )
    path = tmp_path / "app-1.0-py3-none-any.whl"
    path.write_bytes(wheel_bytes("app", "1.0", requires=["odd @ https://private.invalid/odd.whl"]))
    cache = tmp_path / "cache"
    kept(cache, Resolution(at(9), tuple(selected(pylock))))
    Archive(cache).keep(SHA256, read_contents(path))
    assert len(files(cache)) == 2
    for file in files(cache):
        text = file.read_text()
        assert json.loads(text)
        assert [word for word in ("://", "private", "pass", "/home", str(tmp_path)) if word in text] == []
        assert not {"private", "me"} & {*file.relative_to(cache).parts}


def in_one_line(error: pytest.ExceptionInfo[EnvparityError]) -> bool:
    return str(error.value).startswith("--cache: expected to ") and str(error.value).isprintable()


@pytest.mark.parametrize("where", ["", "resolutions", "artefacts", "artefacts/3"])
@pytest.mark.parametrize("name", ["cache", "two\nlines\x1b[2J"])
def test_a_file_in_the_way_gives_a_one_line_error(tmp_path: Path, where: str, name: str) -> None:
    cache = tmp_path / name
    blocked = cache / where
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_text("mine")
    if where in ("", "resolutions"):
        resolutions = Resolutions(cache, QUESTION, "uv")
        assert resolutions.find(at(1)) is None
        with pytest.raises(EnvparityError) as error:
            resolutions.keep(resolved(at(5), at(1)))
        assert in_one_line(error)
    if where != "resolutions":
        assert Archive(cache).find((SHA256,)) is None
        with pytest.raises(EnvparityError) as error:
            Archive(cache).keep(SHA256, Contents("a", "1"))
        assert in_one_line(error)
    assert blocked.read_text() == "mine"


def test_an_impossible_folder_name_gives_a_one_line_error(tmp_path: Path) -> None:
    cache = tmp_path / ("x" * 300)
    with pytest.raises(EnvparityError) as error:
        kept(cache, resolved(at(5), at(1)))
    assert in_one_line(error)
    with pytest.raises(EnvparityError) as error:
        Archive(cache).keep(SHA256, Contents("a", "1"))
    assert in_one_line(error)


def test_a_read_only_folder_gives_a_one_line_error() -> None:
    # Nobody can make a folder in /proc, not even root.
    with pytest.raises(EnvparityError) as error:
        kept(Path("/proc/cache"), resolved(at(5), at(1)))
    assert in_one_line(error)
    with pytest.raises(EnvparityError) as error:
        Archive(Path("/proc")).keep(SHA256, Contents("a", "1"))
    assert in_one_line(error)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to every folder; run as another user")
def test_a_folder_of_another_user_gives_a_one_line_error(tmp_path: Path) -> None:
    for mode in (0o500, 0o000):
        cache = tmp_path / f"{mode:o}"
        cache.mkdir()
        cache.chmod(mode)
        with pytest.raises(EnvparityError) as error:
            kept(cache, resolved(at(5), at(1)))
        assert in_one_line(error)


def test_several_threads_keep_and_find_answers(tmp_path: Path) -> None:
    cache = Resolutions(tmp_path, QUESTION, "uv")
    those = [resolved(at(number), at(number) - SECOND) for number in range(120)]

    def keep(one: Resolution) -> Resolution | None:
        cache.keep(one)
        cache.find(START - SECOND)
        cache.latest()
        return cache.find(one.asked)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(keep, those)) == those
    again = Resolutions(tmp_path, QUESTION, "uv")
    assert [again.find(one.asked) for one in those] == those
    assert [path.suffix for path in files(tmp_path)] == [".json"] * len(those)


def test_threads_may_keep_the_same_answer(tmp_path: Path) -> None:
    cache, archive = Resolutions(tmp_path, QUESTION, "uv"), Archive(tmp_path)
    one = resolved(at(5), at(1), *[at(1)] * 200)

    def keep(_: int) -> None:
        cache.keep(one)
        archive.keep(SHA256, Contents("a", "1"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(keep, range(400)))
    assert Resolutions(tmp_path, QUESTION, "uv").find(at(5)) == one
    assert Archive(tmp_path).find((SHA256,)) == Contents("a", "1")
    assert len(files(tmp_path)) == 2


def test_a_very_recent_answer_holds_only_at_its_own_instant(tmp_path: Path) -> None:
    kept = Resolutions(tmp_path, QUESTION, "uv")
    fresh = msgspec.structs.replace(resolved(at(9), at(5)), settled=False)
    kept.keep(fresh)
    assert (kept.find(at(9)), kept.find(at(7)), kept.latest()) == (fresh, None, fresh)


def test_another_version_of_uv_has_its_own_answers(tmp_path: Path) -> None:
    Resolutions(tmp_path, QUESTION, "uv 1").keep(resolved(at(9), at(5)))
    assert Resolutions(tmp_path, QUESTION, "uv 2").find(at(9)) is None
