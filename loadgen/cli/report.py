"""`loadgen report`: a run or a result that was kept, rendered again."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["report"]


def report(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN",
            help="Its id or the beginning of it, its folder, last, or best; or the result file "
            "(JSON) of a verification, a shadow test or a rollout.",
        ),
    ] = "last",
    markdown: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the report (Markdown) here.")
    ] = None,
    json: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the result (JSON) here.")
    ] = None,
    html: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the report with charts (HTML) here.")
    ] = None,
    junit: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the test cases (JUnit XML) here.")
    ] = None,
) -> None:
    """Render a run of .loadgen/runs or a result file again: on the terminal, or to files.

    - as a file's name is standard output. Exit code 0, whatever the run's own was.
    """
    from loadgen.cli.rendering import render_again  # noqa: PLC0415 - numpy is slow to load

    files = {"--markdown": markdown, "--json": json, "--html": html, "--junit": junit}
    render_again(run, files)
