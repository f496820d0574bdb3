"""Tests of whole histories.

A history lists, for a past period, each change of the releases that uv chooses for some requirements. A real uv and a
real pip ask an index that the tests make, or the index that this machine is set up for.
"""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from index import Index
from wheels import tar_bytes

from dev.lockenv.project import Project
from envparity.errors import EnvparityError
from envparity.history.collisions import Collision
from envparity.history.record import History
from envparity.history.resolver import Resolver, read_question
from envparity.history.run import Asked, history
from envparity.index.clients import IndexClients, IndexUnreachable
from envparity.project.config import Config, find_config

COLLISION = Collision("hashing", ("hash-one 0.8", "hash-two 2.0"), ("hashing/__init__.py", "hashing/core.py"))


@pytest.fixture
def nowhere(tmp_path: Path) -> Config:
    """Return the settings of a folder without a project."""
    return Config(root=tmp_path)


def asked(
    cache: Path,
    *requirements: str,
    since: str | None = None,
    until: str | None = None,
    python: str | None = None,
    track: str | None = None,
) -> Asked:
    wanted = requirements or ("app==1.0",)
    return Asked(wanted, track, python, since, until, cache=str(cache))


def told(found: History) -> list[tuple[str, tuple[str, ...], list[str]]]:
    """Return a tuple for each event: its instant to the minute, its releases, and the text of each change."""
    return [
        (one.instant.isoformat()[:16], one.releases, [change.text for change in one.changes]) for one in found.events
    ]


def test_a_history_has_every_event_of_a_past(past: Index, nowhere: Config, tmp_path: Path) -> None:
    found = history(nowhere, asked(tmp_path / "cache", until="2025-06-01"))
    assert told(found)[1:] == [
        ("2025-02-01T10:00", ("addr 0.2",), ["addr 0.1 -> 0.2"]),
        ("2025-03-01T14:22", ("addr 0.3",), ["addr 0.2 -> 0.3", "hash-two 2.0 enters"]),
        ("2025-04-01T09:30", ("hash-two 3.0",), ["hash-two 2.0 -> 3.0"]),
        ("2025-05-01T09:30", ("addr 0.4",), ["addr 0.3 -> 0.4", "hash-two 3.0 leaves"]),
    ]
    first, _, brought, _, cured = found.events
    assert (first.instant, first.releases, first.begins) == (
        datetime(2025, 1, 1, 8, tzinfo=UTC),
        ("app 1.0",),
        True,
    )
    assert (brought.gained, brought.ended) == ((COLLISION,), ())
    path = "the requirement -> app==1.0 (1.0) -> addr>=0.1 (0.3) -> hash-two>=2 (2.0)"
    assert [change.path for change in brought.changes if change.name == "hash-two"] == [path]
    assert [(one.name, one.distributions) for one in cured.ended] == [("hashing", COLLISION.distributions)]
    assert found.remaining == ()
    assert found.watched == ("app", "hash-one", "addr", "hash-two")
    assert found.effort.resolutions <= len(found.events) + found.effort.stretches
    assert found.effort.asked == found.effort.resolutions
    assert past.url.split("/")[2] not in str(found)


@pytest.mark.usefixtures("past")
def test_a_period_begins_with_the_releases_of_its_first_instant(nowhere: Config, tmp_path: Path) -> None:
    found = history(nowhere, asked(tmp_path / "cache", since="2025-03-15", until="2025-04-15"))
    assert found.first == {"app": "1.0", "addr": "0.3", "hash-one": "0.8", "hash-two": "2.0"}
    assert found.began == (COLLISION,)
    assert [one.releases for one in found.events] == [("hash-two 3.0",)]
    assert [(one.name, begun, ended) for one, begun, ended in found.collisions()] == [
        ("hashing", found.since, found.until)
    ]


@pytest.mark.usefixtures("past")
def test_a_period_without_a_change_has_no_events(nowhere: Config, tmp_path: Path) -> None:
    found = history(nowhere, asked(tmp_path / "cache", since="2025-02-10", until="2025-02-20"))
    assert (found.events, found.effort.resolutions, found.effort.stretches) == ((), 1, 1)


@pytest.mark.slow
def test_a_second_run_asks_nothing(past: Index, nowhere: Config, tmp_path: Path) -> None:
    wanted = asked(tmp_path / "cache", until="2025-06-01")
    first = history(nowhere, wanted)
    past.asked.clear()
    second = history(nowhere, wanted)
    assert past.asked == []
    assert (told(second), second.remaining, second.effort.asked) == (told(first), first.remaining, 0)


@pytest.mark.slow
@pytest.mark.usefixtures("past")
def test_without_a_network_the_cache_is_enough(
    nowhere: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    online = history(nowhere, asked(tmp_path / "cache"))
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:1/simple")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    offline = history(nowhere, asked(tmp_path / "cache"))
    assert told(offline) == told(online)
    assert (offline.known_until, online.known_until) == (online.until, None)
    monkeypatch.setenv("UV_OFFLINE", "1")
    assert told(history(nowhere, asked(tmp_path / "cache"))) == told(online)
    with pytest.raises(IndexUnreachable, match=r"^index: expected to ask the package index, .*found UV_OFFLINE set"):
        history(nowhere, asked(tmp_path / "other"))
    monkeypatch.delenv("UV_OFFLINE")
    with pytest.raises(IndexUnreachable, match=r"^index: expected uv to reach the package index, .* again to continue"):
        history(nowhere, asked(tmp_path / "other"))


@pytest.mark.slow
@pytest.mark.usefixtures("past")
def test_a_stopped_history_does_not_repeat_its_work(nowhere: Config, tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    said: list[str] = []

    def tell(text: str) -> None:
        said.append(text)
        if len(said) == 3:
            raise Enough

    wanted = asked(tmp_path / "cache", until="2025-06-01")
    with pytest.raises(Enough):
        history(nowhere, wanted, tell)
    found = history(nowhere, wanted)
    assert len(found.events) == 5
    assert found.effort.asked <= found.effort.resolutions - 2


def test_an_instant_without_a_resolution_is_an_event(index: Index, nowhere: Config, tmp_path: Path) -> None:
    index.wheel("app", "1.0", "2025-01-01T00:00:00Z", requires=("lib",))
    index.wheel("lib", "1.0", "2025-02-01T00:00:00Z")
    found = history(nowhere, asked(tmp_path / "cache", since="2024-12-01", until="2025-03-01"))
    assert found.first_failure == (
        "Because there is no version of app==1.0 and you require app==1.0, we can conclude that your requirements are "
        "unsatisfiable."
    )
    assert [(one.releases, one.begins) for one in found.events] == [(("lib 1.0",), True)]
    assert found.effort.resolutions <= len(found.events) + found.effort.stretches + 1


@pytest.mark.slow
def test_a_release_that_cannot_be_built_is_an_event(index: Index, nowhere: Config, tmp_path: Path) -> None:
    index.wheel("app", "1.0", "2025-01-01T00:00:00Z", requires=("lib",))
    index.wheel("lib", "1.0", "2024-01-01T00:00:00Z")
    index.sdist("lib", "2.0", "2025-02-01T12:00:00Z", b"this is no archive")
    index.wheel("lib", "3.0", "2025-03-01T12:00:00Z")
    found = history(nowhere, asked(tmp_path / "cache", since="2025-01-10", until="2025-04-01"))
    broke, mended = found.events
    assert (broke.instant, broke.releases) == (datetime(2025, 2, 1, 12, tzinfo=UTC), ())
    assert broke.failure is not None
    assert "lib" in broke.failure
    assert (mended.instant, mended.releases, mended.begins) == (
        datetime(2025, 3, 1, 12, tzinfo=UTC),
        ("lib 3.0",),
        True,
    )
    assert found.versions_at(mended.instant) == {}
    assert found.versions_at(found.until) == {"app": "1.0", "lib": "3.0"} == found.last


def test_a_provider_that_joins_and_leaves_ends_nothing(index: Index, nowhere: Config, tmp_path: Path) -> None:
    index.wheel("a", "1.0", "2025-01-01T00:00:00Z", {"m/__init__.py": "a"})
    index.wheel("b", "1.0", "2025-01-01T00:00:00Z", {"m/__init__.py": "b"})
    index.wheel("c", "1.0", "2025-01-01T00:00:00Z", {"m/__init__.py": "c"})
    index.wheel("app", "1.0", "2025-01-01T00:00:00Z", requires=("a", "b"))
    index.wheel("app", "2.0", "2025-02-01T00:00:00Z", requires=("a", "b", "c"))
    index.wheel("app", "3.0", "2025-03-01T00:00:00Z", requires=("a", "b"))
    index.wheel("app", "4.0", "2025-04-01T00:00:00Z", requires=("a",))
    found = history(nowhere, asked(tmp_path / "cache", "app", since="2025-01-10", until="2025-05-01"))
    told = [([len(one.providers) for one in event.gained], [one.name for one in event.ended]) for event in found.events]
    assert told == [([3], []), ([], []), ([], ["m"])]
    assert [(begun.month, ended.month) for _, begun, ended in found.collisions()] == [(1, 2), (2, 4)]


def test_an_sdist_that_does_not_list_its_modules_is_reported(index: Index, nowhere: Config, tmp_path: Path) -> None:
    index.wheel("app", "1.0", "2025-01-01T00:00:00Z", requires=("lib",))
    metadata = "Metadata-Version: 2.2\nName: lib\nVersion: 1.0\n"
    index.sdist("lib", "1.0", "2025-01-01T00:00:00Z", tar_bytes({"lib-1.0/PKG-INFO": metadata}))
    found = history(nowhere, asked(tmp_path / "cache", since="2025-01-10", until="2025-02-01"))
    assert list(found.unread) == ["lib==1.0"]


def test_an_sdist_lists_its_modules(index: Index, nowhere: Config, tmp_path: Path) -> None:
    index.wheel("app", "1.0", "2025-01-01T00:00:00Z", {"other.py": ""}, requires=("other",))
    index.wheel("other", "1.0", "2024-01-01T00:00:00Z", {"unlike.py": ""})
    index.sdist("other", "2.0", "2025-02-01T00:00:00Z")
    found = history(nowhere, asked(tmp_path / "cache", since="2025-01-10", until="2025-03-01"))
    # The build of other 2.0 needs setuptools, which this index does not have. So nobody knows its requirements.
    assert found.events[0].failure is not None or found.unread or found.remaining


def test_an_index_without_upload_times_is_an_error(index: Index, nowhere: Config, tmp_path: Path) -> None:
    index.wheel("app", "1.0", None)
    with pytest.raises(EnvparityError, match="expected the time of upload of each file"):
        history(nowhere, asked(tmp_path / "cache", until="2025-06-01"))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"since": "2025-06-01", "until": "2025-05-01"}, "--since: expected a time before --until"),
        ({"since": "2999-01-01"}, "--since: expected a time in the past, found 2999-01-01"),
        ({"until": "2999-01-01"}, "--until: expected a time in the past, found 2999-01-02"),
        ({"since": "yesterday"}, "--since: expected a date or an instant such as 2025-10-27"),
        ({"python": "3"}, "--python: expected a series of Python such as 3.11, found '3'"),
        ({"track": "one"}, "--track: expected no track, because no pyproject.toml here names tracks"),
    ],
)
def test_a_wrong_command_line_gives_a_one_line_error(
    nowhere: Config, tmp_path: Path, more: dict[str, str], said: str
) -> None:
    with pytest.raises(EnvparityError, match=f"^{said}"):
        history(nowhere, asked(tmp_path / "cache", **more))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not a requirement", "requirement: expected one such as 'libp2p==0.4.0', found 'not a requirement'"),
        ("-r /etc/passwd", "requirement: expected one such as"),
        (
            "app @ https://example.invalid/app.whl",
            "requirement: expected a release from a package index, found app at a URL",
        ),
        ("unknown-to-all", "requirement: expected a distribution that the package index has, found unknown-to-all$"),
    ],
)
@pytest.mark.usefixtures("past")
def test_a_text_that_is_no_requirement_gives_a_one_line_error(
    nowhere: Config, tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(EnvparityError, match=f"^{said}"):
        history(nowhere, asked(tmp_path / "cache", text, until="2025-06-01"))


def test_a_history_needs_a_requirement(nowhere: Config, tmp_path: Path) -> None:
    with pytest.raises(EnvparityError, match=r"^requirement: expected one such as 'libp2p==0\.4\.0', or --track TRACK"):
        history(nowhere, Asked(cache=str(tmp_path / "cache")))


@pytest.mark.usefixtures("past")
def test_a_track_stands_for_the_requirements_of_its_group(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[dependency-groups]\none = ["app==1.0", "addr<0.3"]\n[tool.envparity]\ntrack = "one"\ntracks = ["one"]\n'
    )
    config = find_config(tmp_path)
    found = history(config, Asked(until="2025-06-01"))
    assert (found.title, found.track) == ("the track one", "one")
    assert found.last == {"app": "1.0", "addr": "0.2", "hash-one": "0.8"}
    assert list((tmp_path / ".cache" / "envparity" / "history" / "resolutions").iterdir())
    both = history(config, Asked(("hash-two",), track="one", until="2025-06-01"))
    assert [one.name for one in both.remaining] == ["hashing"]
    alone = history(config, Asked(("hash-two",), until="2025-06-01"))
    assert (alone.track, list(alone.last)) == (None, ["hash-two"])


def test_only_a_few_requests_run_at_once(past: Index, nowhere: Config, tmp_path: Path) -> None:
    history(nowhere, asked(tmp_path / "cache", until="2025-06-01"))
    assert 1 <= past.at_once <= 3 * 4 + 1


def test_a_release_that_the_index_removed_is_not_seen(past: Index, nowhere: Config, tmp_path: Path) -> None:
    past.withdraw("addr", "0.2")
    found = history(nowhere, asked(tmp_path / "cache", until="2025-06-01"))
    assert [one.releases for one in found.events][1:] == [("addr 0.3",), ("hash-two 3.0",), ("addr 0.4",)]


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.timeout(300)
@pytest.mark.history
def test_the_release_that_made_the_two_environments_differ(nowhere: Config, project: Project) -> None:
    cache = project.cache / "envparity" / "history"
    wanted = asked(cache, "libp2p==0.3.0", since="2025-10-20", until="2025-12-31", python="3.11")
    found = history(nowhere, wanted)
    by_cause = {one.releases: one for one in found.events}
    brought = by_cause[("multiaddr 0.1.0",)]
    assert brought.instant.isoformat()[:16] == "2025-10-27T14:22"
    assert "py-multihash 2.0.1 enters" in [one.text for one in brought.changes]
    assert [(one.name, one.providers) for one in brought.gained] == [
        ("multihash", ("py-multihash 2.0.1", "pymultihash 0.8.2"))
    ]
    later = {("multiaddr 0.1.1",): "2025-12-07T17:19", ("py-multihash 3.0.0",): "2025-12-17T19:29"}
    for releases, instant in (later | {("py-cid 0.4.0",): "2025-12-19T16:54"}).items():
        assert by_cause[releases].instant.isoformat()[:16] == instant
    assert found.effort.resolutions <= len(found.events) + found.effort.stretches


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.timeout(900)
@pytest.mark.history
def test_a_long_history_agrees_with_resolutions_at_random_instants(nowhere: Config, project: Project) -> None:
    until = datetime(2026, 2, 1, tzinfo=UTC)
    cache = project.cache / "envparity" / "history"
    found = history(nowhere, asked(cache, "libp2p==0.4.0", until=until.isoformat(), python="3.11"))
    assert len(found.events) > 20
    assert found.effort.resolutions <= len(found.events) + found.effort.stretches
    clients = IndexClients()
    question = read_question(("libp2p==0.4.0",), "3.11")
    resolver = Resolver(question, clients)
    seed = random.randrange(1 << 32)  # noqa: S311 - no secret
    chance = random.Random(seed)  # noqa: S311 - no secret
    for _ in range(6):
        at = found.since + timedelta(seconds=chance.randrange(int((until - found.since).total_seconds())))
        assert found.versions_at(at) == resolver.resolve(at).versions, f"seed {seed}, {at}"
