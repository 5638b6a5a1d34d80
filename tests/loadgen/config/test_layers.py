"""Layers over layers: the highest wins, headers add up."""

from __future__ import annotations

from loadgen.config.layers import Layer, lay
from loadgen.config.load_test_section import LoadTest
from loadgen.config.request_section import header_pairs


def _layer(name: str, **values: object) -> Layer:
    read = {"read_body": lambda file: file.encode()}
    return Layer(
        values=LoadTest.model_validate(values, context=read), place=lambda key: f"{name} {key}"
    )


def test_the_highest_layer_that_gives_a_value_wins() -> None:
    layers = lay([_layer("low", rate="1", seed="2"), _layer("high", rate="3")])
    assert (layers.values.rate, layers.values.seed, layers.values.timeout) == (3.0, 2, None)
    assert layers.givers == {"rate": 1, "seed": 0}
    assert layers.place("rate") == "high rate"


def test_headers_add_up_and_the_upper_one_replaces_its_namesake() -> None:
    layers = lay(
        [_layer("low", headers={"X-A": "1", "Accept": "a"}), _layer("high", headers=["accept: b"])]
    )
    assert header_pairs(layers.values.headers) == (("X-A", "1"), ("accept", "b"))


def test_a_body_replaces_a_body_file_and_the_other_way_round() -> None:
    body_last = lay([_layer("low", body_file="f"), _layer("high", body="b")])
    assert (body_last.values.body, body_last.values.body_file) == ("b", None)
    assert body_last.givers == {"body": 1}
    file_last = lay([_layer("low", body="b"), _layer("high", body_file="f")])
    assert (file_last.values.body, file_last.values.body_file) == (None, b"f")


def test_no_layers_give_nothing() -> None:
    assert lay([]).values == LoadTest()
