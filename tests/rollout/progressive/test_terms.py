"""The terms of a rollout: through the journal and back, with the variables of each process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loadgen.config.file import parse_config
from loadgen.errors import ConfigError
from rollout.progressive.terms import Terms, kept_file, terms_of

FILE = """\
load_test: {auth: "bearer:${TOKEN}", body_file: order.bin}
thresholds: {error_rate: 1}
rollout: {deployment: shop, probe: true, stages: [{percentage: 100, duration: 1}]}
rollback: {command: [undo, "${CLUSTER}"]}
"""
BODY = b"\x00\xff"
HERE = {"TOKEN": "hunter2", "CLUSTER": "one"}


def _terms() -> Terms:
    file = parse_config(FILE, "loadgen.yml", {"order.bin": BODY}.__getitem__, HERE)
    return Terms(
        options={"probe": True, "on_lost": "rollback"},
        load={"objective": ["p95 < 1"]},
        file=kept_file(file),
        environment="",
    )


def test_what_is_kept_comes_back_from_the_journal() -> None:
    terms = _terms()
    assert terms_of(json.loads(json.dumps(terms.plain()))) == terms


def test_a_secret_is_kept_by_its_name_and_asked_again() -> None:
    terms = _terms()
    assert "hunter2" not in json.dumps(terms.plain())
    again = terms.config({**HERE, "CLUSTER": "two"})
    assert again is not None
    assert again.config.rollback is not None
    assert again.config.rollback.command == ["undo", "two"]
    assert again.config.load_test is not None
    assert again.config.load_test.body_file == BODY
    with pytest.raises(ConfigError, match="the variable TOKEN is not set"):
        terms.config({"CLUSTER": "one"})


def test_the_way_back_needs_no_variable_of_a_load_test() -> None:
    bare = _terms().to_take_back()
    config = bare.config({"CLUSTER": "one"})
    assert config is not None
    assert config.config.rollback is not None
    assert config.config.rollback.command == ["undo", "one"]
    assert config.config.rollout is not None
    assert (config.config.rollout.deployment, config.config.rollout.probe) == ("shop", None)
    assert bare.options == {"on_lost": "rollback"}


def test_another_file_is_told_from_the_same_and_from_none(tmp_path: Path) -> None:
    kept = _terms().file
    assert kept is not None
    path = tmp_path / "loadgen.yml"
    assert not kept.is_other_at(path)
    path.write_text(FILE)
    assert not kept.is_other_at(path)
    path.write_text(FILE.replace("error_rate: 1", "error_rate: 99"))
    assert kept.is_other_at(path)


def test_a_rollout_without_terms_is_named() -> None:
    with pytest.raises(ConfigError, match="without the terms on which it was begun"):
        terms_of({"deployment": "shop"})
