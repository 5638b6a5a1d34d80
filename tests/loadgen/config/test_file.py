"""Reading loadgen.yml: the guide's own blocks, files that are none, every mistake at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadgen.config.endpoint_section import endpoint_values
from loadgen.config.file import find_config, parse_config, read_config
from loadgen.errors import ConfigError

ROOT = Path(__file__).resolve().parents[3]
GUIDE = ROOT / "tests/fixtures/guide"


def test_the_guide_s_performance_configuration() -> None:
    config = read_config(GUIDE / "performance-configuration.yml").config
    assert config.thresholds is not None
    assert config.thresholds.latency is not None
    assert config.thresholds.latency.model_dump() == {"p50": 100, "p95": 250, "p99": 400}
    assert (config.thresholds.error_rate, config.thresholds.throughput) == (0.5, 1000)
    assert config.environments is not None
    staging = config.environments["staging"].thresholds
    production = config.environments["production"].thresholds
    assert staging is not None
    assert production is not None
    assert (staging.error_rate, staging.throughput) == (1.0, 500)
    assert production.latency is not None
    assert production.latency.model_dump() == {"p50": 80, "p95": 200, "p99": 350}


def test_the_guide_s_slo_example() -> None:
    config = read_config(GUIDE / "service-level-objectives.yml").config
    assert config.thresholds is not None
    assert config.environments is None


def test_the_guide_s_endpoint_weights() -> None:
    config = read_config(GUIDE / "custom-endpoint-weights.yml").config
    assert config.load_test is not None
    weights = {each.path: each.weight for each in endpoint_values(config.load_test.endpoints)}
    assert weights == {
        "/api/health": 0.05,
        "/api/users": 0.25,
        "/api/orders": 0.30,
        "/api/products": 0.20,
        "/api/analytics": 0.10,
        "/api/search": 0.10,
    }


def test_the_guide_s_fragment_of_environments_is_told_where_it_belongs() -> None:
    path = GUIDE / "adjust-slo-thresholds.yml"
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    assert caught.value.problems == (
        f"{path}:2:1 staging: found an unknown key, expected a key of the file; "
        "did you mean environments.staging?",
        f"{path}:12:1 production: found an unknown key, expected a key of the file; "
        "did you mean environments.production?",
    )


def test_that_fragment_below_environments_is_right() -> None:
    fragment = (GUIDE / "adjust-slo-thresholds.yml").read_text("utf-8")
    indented = "".join(f"  {line}\n" for line in fragment.splitlines())
    file = parse_config(f"environments:\n{indented}", "f.yml", read_body=_no_body)
    assert list(file.config.environments or {}) == ["staging", "production"]


def test_the_example_is_right() -> None:
    file = read_config(ROOT / "examples/loadgen.yml")
    assert file.config.load_test is not None
    assert len(file.config.load_test.endpoints or ()) == 6


def test_every_mistake_is_told_at_once_with_its_place() -> None:
    text = """\
load_test:
  target: localhost:8000
  durtion: 5m
  concurrency: 0
  pattern: sustaind
  think: 100ms..10ms
  headers: {X Y: a}
  endpoints:
    "/a": lots
threshold:
  latency: 1
"""
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "loadgen.yml", _no_body)
    assert caught.value.problems == (
        "loadgen.yml:2:11 load_test.target: 'localhost:8000' has no scheme; "
        "did you mean http://localhost:8000 ?",
        "loadgen.yml:3:3 load_test.durtion: found an unknown key, expected a key of load_test; "
        "did you mean duration?",
        "loadgen.yml:4:16 load_test.concurrency: found '0', "
        "expected a whole number from 1 to 1000000",
        "loadgen.yml:5:12 load_test.pattern: found 'sustaind', "
        "expected sustained, burst, ramp-up, rate or stages; did you mean sustained?",
        "loadgen.yml:6:10 load_test.think: found '100ms..10ms', "
        "expected the shorter duration before the longer one",
        "loadgen.yml:7:13 load_test.headers.X Y: header 'X Y' is not a header name; "
        "expected for example X-Request-Id",
        "loadgen.yml:9:11 load_test.endpoints./a: found 'lots', "
        "expected a number from 0 to 1000000000",
        "loadgen.yml:10:1 threshold: found an unknown key, expected a key of the file; "
        "did you mean thresholds?",
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "{}: the file is empty, expected for example a load_test: section"),
        (b"- a\n", "{}:1:1 found a list, expected a mapping such as load_test: ..."),
        (b"hello\n", "{}:1:1 found a single value, expected a mapping such as load_test: ..."),
        (b"a: b: c\n", "{}:1:5 not YAML: mapping values are not allowed here"),
        (b"a: 1\nb: \xff\n", "{}:2:4 found the byte 0xff, expected UTF-8"),
    ],
)
def test_a_file_that_is_no_config(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "loadgen.yml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    assert caught.value.problems == (message.format(path),)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"loadgen\.yml: cannot be read \(No such file"):
        read_config(tmp_path / "loadgen.yml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read \(Is a directory\)"):
        read_config(tmp_path)


def test_a_file_without_end_is_not_read_to_it() -> None:
    with pytest.raises(ConfigError, match="found more than 10000000 bytes"):
        read_config(Path("/dev/zero"))


VARIABLES = """\
load_test:
  target: http://${HOST:-localhost}:8000
  auth: {type: bearer, token: "${AUTH_TOKEN}"}
environment: ${WHICH:-staging}
environments:
  staging: {load_test: {headers: {X-Key: "${STAGING_KEY}"}}}
  production: {load_test: {headers: {X-Key: "${PRODUCTION_KEY}"}}}
"""


def test_variables_are_those_of_the_environment() -> None:
    environ = {"HOST": "h", "AUTH_TOKEN": "s3cr3t", "STAGING_KEY": "a", "PRODUCTION_KEY": "b"}
    config = parse_config(VARIABLES, "f.yml", _no_body, environ).config
    assert config.load_test is not None
    assert config.load_test.target == "http://h:8000"
    assert "s3cr3t" not in repr(config)


@pytest.mark.parametrize(
    ("environment", "environ", "missing"),
    [
        (None, {"AUTH_TOKEN": "x"}, ["STAGING_KEY", "PRODUCTION_KEY"]),
        ("", {"AUTH_TOKEN": "x"}, ["STAGING_KEY"]),
        ("", {"AUTH_TOKEN": "x", "WHICH": "production"}, ["PRODUCTION_KEY"]),
        ("production", {"AUTH_TOKEN": "x"}, ["PRODUCTION_KEY"]),
        ("production", {"PRODUCTION_KEY": "x"}, ["AUTH_TOKEN"]),
        ("production", {"PRODUCTION_KEY": "x", "AUTH_TOKEN": "x"}, []),
    ],
)
def test_the_variables_of_what_holds_must_be_set(
    environment: str | None, environ: dict[str, str], missing: list[str]
) -> None:
    problems: tuple[str, ...] = ()
    try:
        parse_config(VARIABLES, "f.yml", _no_body, environ, environment=environment)
    except ConfigError as error:
        problems = error.problems
    assert [problem.split("found ${")[1].split("}")[0] for problem in problems] == missing


def test_the_value_of_a_variable_in_the_wrong_place_is_not_shown() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config("load_test: {timeout: '${T}'}", "f.yml", _no_body, {"T": "s3cr3t"})
    assert caught.value.problems[0].startswith(
        "f.yml:1:22 load_test.timeout: found '${T}', expected a duration"
    )
    assert "s3cr3t" not in str(caught.value)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "loadgen.yml"
    path.write_bytes(b"\xef\xbb\xbfenvironment: x\n")
    assert read_config(path).config.environment == "x"


def test_a_body_file_lies_beside_the_config(tmp_path: Path) -> None:
    (tmp_path / "body.json").write_bytes(b"{}\xff")
    path = tmp_path / "loadgen.yml"
    path.write_text("load_test: {body_file: body.json}\n", encoding="utf-8")
    load_test = read_config(path).config.load_test
    assert load_test is not None
    assert load_test.body_file == b"{}\xff"


def test_the_file_that_is_read_by_itself(tmp_path: Path) -> None:
    assert find_config(tmp_path) is None
    (tmp_path / "loadgen.yml").touch()
    assert find_config(tmp_path) == tmp_path / "loadgen.yml"


def test_a_value_s_place_with_its_name() -> None:
    file = parse_config("load_test:\n  rate: 5\n", "f.yml", _no_body)
    assert file.place("load_test", "rate") == "f.yml:2:9 load_test.rate"


def _no_body(name: str) -> bytes:
    raise AssertionError(f"no body file was named, but {name} was read")
