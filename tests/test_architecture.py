"""The house plan as tests: which way imports run, and what every module owes its reader.

Modules are read with ast, so that a lazy import inside a function counts like any other.
"""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = tuple(name for name in ("slo", "loadgen", "rollout") if (ROOT / name).is_dir())


class Arrow(NamedTuple):
    """`importer` and what is below it, `save` left out, must not import `imported` and below."""

    importer: str
    imported: str
    why: str
    save: str = ""


FORBIDDEN = (
    Arrow("slo", "loadgen", "slo takes value types of its own and knows none of ours"),
    Arrow("slo", "rollout", "slo judges; what follows from it is decided elsewhere"),
    Arrow(
        "loadgen",
        "rollout",
        "rollout uses loadgen, not the other way round; only the command line knows both",
        save="loadgen.cli",
    ),
    Arrow("rollout", "loadgen.cli", "nobody imports the command line"),
    Arrow("loadgen.plan", "loadgen.measurement", "a plan exists before anything is measured"),
    Arrow("loadgen.measurement", "loadgen.coordinator", "values know nothing of who makes them"),
    Arrow("loadgen.measurement", "loadgen.report", "values know nothing of who shows them"),
    Arrow(
        "loadgen.worker", "loadgen.coordinator", "workers are started by it, and never look back"
    ),
    Arrow("loadgen.worker", "loadgen.report", "workers measure; they do not report"),
    Arrow("loadgen.coordinator", "loadgen.report", "a run is reported by whoever asked for it"),
    Arrow("loadgen.coordinator", "loadgen.display", "progress is handed out, not shown"),
    Arrow("loadgen.coordinator", "loadgen.config", "the engine takes a Plan, not a file"),
    Arrow("loadgen.ongoing_run", "loadgen.report", "it tells whoever asked, and shows nothing"),
    Arrow("loadgen.ongoing_run", "loadgen.config", "the engine takes a Plan, not a file"),
    Arrow("loadgen.report", "loadgen.coordinator", "renderers take a Measurement, not a run"),
    Arrow(
        "loadgen.report", "loadgen.display", "the live display may use the report's numbers only"
    ),
    Arrow("loadgen.coordinator", "loadgen.publish", "measurements are handed out, not sent"),
    Arrow("loadgen.publish", "loadgen.coordinator", "what is sent is a Measurement, not a run"),
    Arrow("loadgen.watch", "loadgen.publish", "who reads does not send"),
    Arrow(
        "loadgen.target", "loadgen.coordinator", "the built-in target is a server like any other"
    ),
)

PURE = {
    "slo": {
        *("__future__", "abc", "collections", "dataclasses", "enum", "functools", "typing"),
        *("bisect", "difflib", "itertools", "math", "numpy", "re", "slo", "statistics"),
        "sys",  # for the limits of floats
    }
}
"""slo does no I/O: it may import these and nothing else."""

WORKERS_LOAD = "loadgen.worker"
NOT_IN_WORKERS = {"rich", "typer", "pydantic", "click", "httpx2"}
"""A worker starts fast and stays small: what people and config files need stays out of it."""

UNMIRRORED = {
    "loadgen.__main__": "two lines; every test of the command line runs it",
    "loadgen.target.__main__": "two lines; every test of the target runs it",
    "loadgen.consequence": "values without behaviour",
    "loadgen.errors": "names and no behaviour",
    "loadgen.measurement": "values; tested by what builds and renders them",
    "loadgen.progress": "values without behaviour",
    "loadgen.slow_engine.driver": "an interface and a wait; every test of the two loops runs it",
    "loadgen.slow_engine.link": "what asyncio calls; tests/loadgen/slow_engine/test_client.py does",
    "rollout.shadow.difference": "values without behaviour",
    "loadgen.cli.rolling": "test_rollout.py beside it runs it",
    "loadgen.cli.rollout_audience": "test_rollout.py beside it hears it; its parts have their own",
    "loadgen.cli.rollout_session": "test_rollout.py beside it opens it, also again after a crash",
    "loadgen.cli.rollout_options": "options; test_rollout.py beside it types them",
    "rollout.progressive.assembly": "tests/loadgen/cli/test_rollout.py uses each of its parts",
    "rollout.progressive.driver": "tests/loadgen/cli/test_rollout.py begins and goes on with it",
    "rollout.progressive.crew": "values without behaviour",
    "rollout.progressive.entry": "values; test_journal.py beside it writes and reads them",
    "rollout.progressive.judge": "an interface and its value",
    "rollout.progressive.news": "values without behaviour",
    "rollout.progressive.policy": "values without behaviour",
    "rollout.routers.router": "an interface; every router is held to it by its own tests",
    "rollout.routers.kubernetes.kinds": "names and paths; every request of its neighbours has one",
    "rollout.shadow.live.proxy": "a process of its own; test_live.py beside it runs it",
    "rollout.shadow.pair": "values without behaviour",
    "loadgen.worker": "a process of its own; tests/loadgen/test_coordinator.py runs it",
    "loadgen.report.diagnosis.clue": "a value without behaviour",
    "loadgen.display.quiet": "does nothing, on purpose",
    "loadgen.report.html.assets": "the files of every page; test_document.py reads them there",
    "loadgen.report.html.details": "a part of the page that test_document.py and test_page.py read",
    "loadgen.report.html.figure": "likewise",
    "loadgen.report.html.generator": "likewise",
    "loadgen.report.html.headline": "likewise",
    "loadgen.report.html.objectives": "likewise",
    "loadgen.report.html.overview": "likewise",
    "loadgen.report.junit_cases": "what test_junit.py reads",
    "rollout.report.comparison_section": "a part of the page that test_verification_html.py reads",
    "rollout.report.comparison_spans": "what test_comparison_charts.py draws",
    "rollout.report.comparison_tables": "what test_verification_markdown.py reads",
    "rollout.report.forest": "a part of the page that test_pages.py looks at",
    "rollout.report.found": "a part of every report that its tests read",
    "rollout.report.load_test_section": "a part of the page that test_verification_html.py reads",
    "rollout.report.rollout_points": "what test_rollout_charts.py draws",
    "rollout.report.shadow_html": "a page that test_pages.py visits",
    "rollout.report.shadow_section": "a part of the page that test_verification_html.py reads",
}
"""Modules without a test module of their own, and why."""


def _modules() -> dict[str, Path]:
    """Every Python module of our packages, by its dotted name."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = _modules()


def _tree(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


def _is_package(name: str) -> bool:
    return MODULES[name].name == "__init__.py"


def _imported_names(name: str) -> set[str]:
    """Dotted names that a module imports anywhere, also inside functions and for typing only."""
    names: set[str] = set()
    for node in ast.walk(_tree(name)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            dots = "." * node.level
            package = name if _is_package(name) else name.rpartition(".")[0]
            base = importlib.util.resolve_name(dots + (node.module or ""), package)
            names |= {
                full if (full := f"{base}.{alias.name}") in MODULES else base
                for alias in node.names
            }
    return names


def _below(name: str, top: str) -> bool:
    return name == top or name.startswith(f"{top}.")


@pytest.mark.parametrize("arrow", FORBIDDEN, ids=lambda arrow: f"{arrow.importer}-{arrow.imported}")
def test_imports_run_one_way(arrow: Arrow) -> None:
    offenders = [
        f"{name} imports {imported}: {arrow.why}"
        for name in MODULES
        if _below(name, arrow.importer) and not (arrow.save and _below(name, arrow.save))
        for imported in _imported_names(name)
        if _below(imported, arrow.imported)
    ]
    assert offenders == []


def test_nobody_imports_the_command_line() -> None:
    rooms = ("loadgen.cli", "loadgen.__main__")
    offenders = [
        name
        for name in MODULES
        if not any(_below(name, room) for room in rooms)
        and any(_below(imported, "loadgen.cli") for imported in _imported_names(name))
    ]
    assert offenders == []


def _cycle(graph: dict[str, set[str]]) -> list[str]:
    """One cycle as a path that ends where it began; empty when there is none."""
    finished: set[str] = set()

    def walk(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in finished:
            return []
        for imported in sorted(graph[name]):
            if found := walk(imported, [*path, name]):
                return found
        finished.add(name)
        return []

    return next((found for name in sorted(graph) if (found := walk(name, []))), [])


def test_no_module_imports_itself_through_others() -> None:
    graph = {name: _imported_names(name) & MODULES.keys() - {name} for name in MODULES}
    assert _cycle(graph) == []


def test_cycles_are_found() -> None:
    assert _cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert _cycle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


@pytest.mark.parametrize("package", PURE)
def test_pure_packages_import_nothing_that_does_io(package: str) -> None:
    offenders = [
        f"{name} imports {imported}"
        for name in MODULES
        if _below(name, package)
        for imported in _imported_names(name)
        if imported.partition(".")[0] not in PURE[package]
    ]
    assert offenders == []


def _run(code: str) -> str:
    """Runs code in a fresh interpreter and returns what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("package", [name for name in MODULES if _is_package(name)])
def test_each_package_imports_alone(package: str) -> None:
    _run(f"import {package}")


def test_workers_do_not_load_what_people_need() -> None:
    printed = _run(f"import sys, {WORKERS_LOAD}; print(*sys.modules)")
    assert NOT_IN_WORKERS & set(printed.split()) == set()


PUBLIC = [name for name in MODULES if not any(part.startswith("_") for part in name.split("."))]


@pytest.mark.parametrize("name", PUBLIC)
def test_module_says_what_it_is_for(name: str) -> None:
    docstring = ast.get_docstring(_tree(name))
    assert docstring, f"{name} has no docstring"
    first = docstring.splitlines()[0]
    assert first.endswith((".", ":")), f"{name}: the first line is not a sentence: {first!r}"


def _names(name: str) -> tuple[set[str], set[str] | None]:
    """Public names that a module defines or imports at its top, and its `__all__`."""
    defined: set[str] = set()
    exported: set[str] | None = None
    for node in _tree(name).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            defined.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            plain = {target.id for target in targets if isinstance(target, ast.Name)}
            defined |= plain
            if "__all__" in plain and node.value is not None:
                exported = set(ast.literal_eval(node.value))
    return {each for each in defined if not each.startswith("_")}, exported


@pytest.mark.parametrize("name", PUBLIC)
def test_module_lists_its_public_names(name: str) -> None:
    defined, exported = _names(name)
    if _is_package(name) and not defined:
        return  # a package's docstring is all that it has
    assert exported, f"{name} has no __all__"
    missing = _run(
        f"import importlib; module = importlib.import_module({name!r});"
        "print(*[name for name in module.__all__ if not hasattr(module, name)])"
    )
    assert missing.split() == []


@pytest.mark.parametrize("name", PUBLIC)
def test_public_functions_and_classes_are_exported(name: str) -> None:
    """A name without underscore is a promise; it stands in `__all__` or gets an underscore.

    Decorated functions are left out: commands are registered by their decorator.
    """
    _, exported = _names(name)
    public = {
        node.name
        for node in _tree(name).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not (node.name.startswith("_") or node.decorator_list)
    }
    assert public - (exported or set()) == set()


@pytest.mark.parametrize(
    "name", [name for name in MODULES if not _is_package(name) and name not in UNMIRRORED]
)
def test_module_has_its_test_module(name: str) -> None:
    *folders, module = name.split(".")
    expected = ROOT / "tests" / Path(*folders) / f"test_{module.strip('_')}.py"
    assert expected.is_file(), f"{name} is tested nowhere; expected {expected.relative_to(ROOT)}"


def test_every_exception_to_the_mirror_is_needed() -> None:
    tested = [
        name
        for name in UNMIRRORED
        if (
            ROOT / "tests" / Path(*name.split(".")[:-1]) / f"test_{name.split('.')[-1]}.py"
        ).exists()
    ]
    assert tested == []


def test_every_package_is_installed() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert sorted(settings["tool"]["setuptools"]["packages"]) == sorted(
        filter(_is_package, MODULES)
    )


@pytest.mark.parametrize("stub", sorted(path.stem for path in (ROOT / "loadgen").glob("_*.pyi")))
def test_each_stub_has_its_extension(stub: str) -> None:
    assert (ROOT / "_ext" / f"{stub}.pyx").is_file()
    assert importlib.util.find_spec(f"loadgen.{stub}"), (
        f"loadgen.{stub} is not built; run: make build"
    )
