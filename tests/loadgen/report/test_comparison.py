"""What `loadgen compare` tells, in each of its forms."""

from __future__ import annotations

import dataclasses
import io
import json

from rich.console import Console

from loadgen.report import comparison
from tests.loadgen import judged

RUN = judged.compared()


def test_markdown_has_a_section_for_each_run() -> None:
    other = dataclasses.replace(RUN, run=dataclasses.replace(RUN.run, id="other_run"))
    lines = comparison.markdown([RUN, other]).splitlines()
    assert [line for line in lines if line.startswith("#")] == [
        "## 📊 Load Test Comparison",
        "### 20250127T103000Z-3f2a91",
        r"### other\_run",
    ]
    assert lines.count("| Endpoint | Value | Baseline | Now | Change | Verdict |") == 2
    assert sum(line.startswith("| All |") for line in lines) == 2 * 4


def test_json_is_the_result_s_block() -> None:
    read = json.loads(comparison.dumps([RUN]))
    assert read["schema"] == "loadgen.comparison/1"
    (block,) = read["comparisons"]
    assert (block["current"], block["run"]) == (RUN.run.id, RUN.run.id)
    assert len(block["rows"]) == 4 * (1 + 6)


def test_endpoints_that_only_one_run_has_are_named() -> None:
    assert RUN.baseline is not None
    found = dataclasses.replace(
        RUN.baseline.comparison, only_in_baseline=("/old",), only_in_current=("/a", "/b")
    )
    run = dataclasses.replace(RUN, baseline=dataclasses.replace(RUN.baseline, comparison=found))
    console = Console(file=io.StringIO(), width=80)
    console.print(comparison.terminal([run]))
    assert isinstance(console.file, io.StringIO)
    for text in (console.file.getvalue(), comparison.markdown([run])):
        assert "Only in the baseline: /old" in text
        assert "Only in this run: /a, /b" in text
    assert max(map(len, console.file.getvalue().splitlines())) <= 80
