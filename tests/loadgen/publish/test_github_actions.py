"""GitHub Actions is told by the files that its environment names; what fails is a warning."""

from __future__ import annotations

from pathlib import Path

from loadgen.publish.github_actions import tell_github
from loadgen.publish.options import GithubOptions
from tests.loadgen import samples

FULL = samples.measurement(requests=400)


class Told:
    """Collects what is printed and warned of."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.warned: list[str] = []

    def of(self, options: GithubOptions) -> None:
        tell_github(
            options,
            FULL,
            link="https://ci.example/runs/1",
            report="reports/report.html",
            say=self.said.append,
            warn=self.warned.append,
        )


def test_nothing_is_told_outside_of_a_workflow() -> None:
    told = Told()
    told.of(GithubOptions())
    assert (told.said, told.warned) == ([], [])


def test_summary_annotations_and_outputs(tmp_path: Path) -> None:
    summary, output = tmp_path / "summary.md", tmp_path / "output"
    summary.write_text("of an earlier step\n", encoding="utf-8")
    output.write_text("earlier=1\n", encoding="utf-8")
    told = Told()
    told.of(GithubOptions(summary_file=str(summary), annotate=True, output_file=str(output)))
    assert told.said == [
        "::notice title=Load test PASSED::26.5 req/sec, P95 308.2 ms, errors 0.75 %25"
    ]
    assert told.warned == []
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("of an earlier step\n\n## ✅ Load Test PASSED: http://localhost:8000\n")
    assert "[the workflow run](<https://ci.example/runs/1>)" in text
    assert output.read_text(encoding="utf-8").splitlines() == [
        "earlier=1",
        "verdict=PASS",
        "p95=308.15",
        "error_rate=0.75",
        "throughput=26.4667",
        "run=20250127T103000Z-3f2a91",
        "report=reports/report.html",
    ]


def test_files_that_cannot_be_written_are_warnings(tmp_path: Path) -> None:
    gone = str(tmp_path / "none" / "file")
    told = Told()
    told.of(GithubOptions(summary_file=gone, output_file=gone))
    warning = f"GitHub is not told: {gone} cannot be written (No such file or directory)"
    assert told.warned == [warning, warning]
