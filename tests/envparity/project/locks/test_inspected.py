"""Tests of locks that are the output of `pip inspect`."""

import json
from pathlib import Path

import pytest

from envparity.errors import EnvparityError
from envparity.project.locks import read_lock


def test_each_installed_distribution_is_pinned(tmp_path: Path) -> None:
    row = {"metadata": {"name": "alpha", "version": "1.5"}}
    git = {"url": "https://example.com/b.git", "vcs_info": {"vcs": "git", "commit_id": "30c6686026d8f9bb"}}
    wheel = {"url": "https://example.com/c-3.0-py3-none-any.whl", "archive_info": {}}
    folder = {"url": "file:///shop", "dir_info": {"editable": True}}
    rows = [
        row,
        {"metadata": {"name": "beta", "version": "2.0"}, "direct_url": git},
        {"metadata": {"name": "gamma", "version": "3.0"}, "direct_url": wheel},
        {"metadata": {"name": "shop", "version": "4.0"}, "direct_url": folder},
    ]
    path = tmp_path / "there.json"
    path.write_text(json.dumps({"version": "1", "pip_version": "26.0", "installed": rows}))
    found = read_lock(path).for_environment({})
    assert {name: (pin.version, pin.url, pin.local) for name, pin in found.items()} == {
        "alpha": ("1.5", None, False),
        "beta": (None, "git+https://example.com/b.git@30c6686026d8f9bb", False),
        "gamma": (None, "https://example.com/c-3.0-py3-none-any.whl", False),
        "shop": ("4.0", None, True),
    }


def test_a_broken_document_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "there.json"
    path.write_text('{"pip_version": "26.0", "installed": [{"metadata": {"name": 1}}]}')
    with pytest.raises(
        EnvparityError, match=r"there.json, line 1: installed 1: metadata: name: expected a string, found 1$"
    ):
        read_lock(path)
