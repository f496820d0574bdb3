"""Tests of where one installed file comes from, which `envparity why FILE` shows."""

from pathlib import Path

import pytest
from environment_builder import Environment

from envparity.errors import EnvparityError
from envparity.history.origin import Origin, find_file
from envparity.history.why import explain
from envparity.index.releases import Releases
from envparity.judge.subject import Subject
from envparity.project.locks import read_lock
from envparity.render.why import render


@pytest.fixture
def shop(tmp_path: Path) -> Environment:
    environment = Environment(tmp_path)
    environment.add(
        "shop", files={"shop/__init__.py": "", "shop/cart/__init__.py": "a = 1\n", "shop/cart/total.py": "b = 1\n"}
    )
    environment.add("other", files={"shop/cart/total.py": "b = 2\n"})
    return environment


def origin(environment: Environment, name: str, lock: Path | None = None) -> Origin:
    subject = Subject(
        "test", environment.snapshot(), environment.config, lock=read_lock(lock) if lock is not None else None
    )
    found = explain(subject, name, Releases(None, offline=True))
    assert found.origin is not None
    assert [one.label for one in found.distributions] == [one.label for one in found.origin.claims]
    return found.origin


@pytest.mark.parametrize(
    "name", ["site/shop/cart/total.py", "shop/cart/total.py", "shop.cart.total", "SITE/shop/cart/total.py"]
)
def test_a_file_is_found_by_each_name_that_a_person_has(shop: Environment, name: str) -> None:
    found = origin(shop, name.replace("SITE", str(shop.site)))
    assert found.path == "site/shop/cart/total.py"
    assert found.place == str(shop.site / "shop" / "cart" / "total.py")


def test_a_package_is_found_by_its_name_with_dots(shop: Environment) -> None:
    assert origin(shop, "shop.cart").path == "site/shop/cart/__init__.py"


def test_each_distribution_that_lists_the_file_has_its_verdict_and_its_line_of_the_lock(
    shop: Environment, tmp_path: Path
) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("# the lock\nshop==1.0\nother==1.0\n")
    second, first = origin(shop, "shop.cart.total", lock).claims
    assert (first.label, second.label) == ("shop 1.0", "other 1.0")
    assert first.verdict.startswith("sha256:")
    assert second.verdict == "match"
    assert (first.pinned or "").endswith("requirements.txt:2")
    assert (second.pinned or "").endswith("requirements.txt:3")


def test_the_text_says_whose_bytes_the_file_has(shop: Environment) -> None:
    text = render(
        explain(Subject("test", shop.snapshot(), shop.config), "shop.cart.total", Releases(None, offline=True))
    )
    assert "listed by the RECORD of shop 1.0: the file has other bytes" in text
    assert "listed by the RECORD of other 1.0: the file has its bytes" in text


def test_a_file_without_a_record_says_where_it_comes_from(shop: Environment) -> None:
    (shop.site / "mine.txt").write_text("mine")
    assert origin(shop, "mine.txt").unlisted == "no distribution installed it"
    assert "together with the environment" in origin(shop, "scripts/python").unlisted


def test_the_folder_of_the_environment_may_be_a_link(
    shop: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = shop.snapshot()
    (tmp_path / "linked").symlink_to(snapshot.located.prefix)
    site = Path(snapshot.located.sites["site"]).relative_to(snapshot.located.prefix)
    monkeypatch.chdir(tmp_path)
    assert find_file(snapshot, f"linked/{site}/shop/cart/total.py") == "site/shop/cart/total.py"
    (tmp_path / "total.py").touch()
    with pytest.raises(EnvparityError, match=r"; if the file is in another environment, .* with --door FOLDER$"):
        origin(shop, "total.py")


@pytest.mark.parametrize("name", ["shop.cart.gone", "shop/cart/gone.py", "/nowhere/else.py", ""])
def test_a_file_that_does_not_exist_is_one_line(shop: Environment, name: str) -> None:
    assert find_file(shop.snapshot(), name) is None
    with pytest.raises(EnvparityError, match=r"^why: expected a distribution, an import name or a file of door test"):
        origin(shop, name)
