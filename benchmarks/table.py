"""Writes the table of benchmarks/README.md from the CSVs: python -m benchmarks.table.

Each benchmark module says its question (first line of its docstring), what it must reach
(MUST_REACH) and its figures (answer of the CSV's rows).
"""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

from benchmarks.record import read

__all__ = ["filled", "line", "main"]

FOLDER = Path(__file__).parent
README = FOLDER / "README.md"
BEGIN, END = "<!-- table: written by python -m benchmarks.table -->", "<!-- end of table -->"
HEAD = "| question | must reach | measured | how |\n|---|---|---|---|\n"
ORDER = (
    "cpu",
    "throughput",
    "endpoints",
    "tls",
    "pacing",
    "truth",
    "stall",
    "memory",
    "merge",
    "soak",
    "shadow",
    "time_to_safe",
    "canary",
)


def line(module: ModuleType, results: Path) -> str:
    """One benchmark's row of the table.

    Args:
        module: a benchmark.
        results: the folder with its CSV.
    """
    name = module.__name__.rpartition(".bench_")[2]
    csv = results / f"{name}.csv"
    question = (module.__doc__ or "").partition("\n")[0]
    measured = module.answer(read(csv)) if csv.exists() else "not yet"
    how = f"[script](bench_{name}.py)" + (f", [data](results/{name}.csv)" if csv.exists() else "")
    cells = (question, module.MUST_REACH, measured.replace("; ", "<br>"), how)
    return f"| {' | '.join(cells)} |\n"


def filled(text: str, rows: str) -> str:
    """A document with the rows between its two markers.

    Raises:
        ValueError: it lacks a marker.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{README.name}: expected the markers {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n{HEAD}{rows}{END}{after}"


def main() -> None:
    """Fills README.md in place."""
    modules = [importlib.import_module(f"benchmarks.bench_{name}") for name in ORDER]
    rows = "".join(line(module, FOLDER / "results") for module in modules)
    README.write_text(filled(README.read_text(encoding="utf-8"), rows), encoding="utf-8")


if __name__ == "__main__":
    main()
