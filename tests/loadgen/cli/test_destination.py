"""Files that a run writes: checked before it, replaced in one step after it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from loadgen.cli.destination import find_destination
from loadgen.errors import ConfigError


def test_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    destination = find_destination(str(path), "--output")
    assert list(tmp_path.iterdir()) == []
    destination.write("ä\n")
    assert path.read_text("utf-8") == "ä\n"
    assert list(tmp_path.iterdir()) == [path]


def test_finding_leaves_what_is_there_and_writing_replaces_it(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    path.write_text("a long old report\n", encoding="utf-8")
    path.chmod(0o640)
    destination = find_destination(str(path), "--output")
    assert path.read_text("utf-8") == "a long old report\n"
    destination.write("new\n")
    assert path.read_text("utf-8") == "new\n"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_link_keeps_pointing_to_its_file(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real = tmp_path / "real" / "report.md"
    link = tmp_path / "latest.md"
    link.symlink_to(real)
    find_destination(str(link), "--output").write("new\n")
    assert link.is_symlink()
    assert real.read_text("utf-8") == "new\n"


def test_a_new_file_gets_the_permissions_that_the_user_s_mask_leaves(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    before = os.umask(0o027)
    try:
        find_destination(str(path), "--output").write("x")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("{}", "it is a folder"),
        ("{}/missing/report.md", "there is no folder {}/missing"),
        ("{}/file/report.md", "there is no folder {}/file"),
        ("/proc/report.md", "No such file or directory"),
        ("", "it is a folder"),
    ],
)
def test_what_cannot_be_written_is_found_out_before(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "file").touch()
    written = name.format(tmp_path)
    with pytest.raises(ConfigError) as caught:
        find_destination(written, "--json")
    assert caught.value.problems == (
        f"--json: found {written!r}, which cannot be written ({why.format(tmp_path)}); "
        "expected a file in a folder that exists and is writable",
    )


def test_a_file_in_a_folder_that_takes_no_new_ones_is_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one file mounted into a container. The refusal is made: root is refused nothing."""

    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "report.md"
    path.write_text("a long old report\n", encoding="utf-8")
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    destination = find_destination(str(path), "--output")
    assert path.read_text("utf-8") == "a long old report\n"
    destination.write("new\n")
    assert path.read_text("utf-8") == "new\n"
    with pytest.raises(ConfigError, match="Permission denied"):
        find_destination(str(tmp_path / "other.md"), "--output")


def test_shared_memory_is_a_folder_like_any_other() -> None:
    destination = find_destination(f"/dev/shm/loadgen-test-{os.getpid()}", "--json")
    destination.write("{}")
    assert destination.path.read_text("utf-8") == "{}"
    destination.path.unlink()


def test_an_open_file_by_its_number_is_appended_to(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w+", encoding="utf-8") as log:
        log.write("before\n")
        log.flush()
        find_destination(f"/dev/fd/{log.fileno()}", "--output").write("report\n")
        log.seek(0)
        assert log.read() == "before\nreport\n"


@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
def test_standard_output(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    destination = find_destination(name, "--json")
    assert destination.is_stdout
    destination.write("{}\n")
    assert capsys.readouterr().out == "{}\n"


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    destination = find_destination(str(path), "--json")
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        destination.write("{}\n")
        assert os.read(reader, 10) == b"{}\n"
    finally:
        os.close(reader)
    assert path.is_fifo()


def test_a_full_disk_is_an_error_and_leaves_no_half_file() -> None:
    destination = find_destination("/dev/full", "--json")
    with pytest.raises(OSError, match="No space left on device"):
        destination.write("{}\n")


def test_what_was_there_survives_a_failed_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.md"
    path.write_text("old\n", encoding="utf-8")
    destination = find_destination(str(path), "--output")

    def refuse(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="No space left"):
        destination.write("new\n")
    assert path.read_text("utf-8") == "old\n"
    assert list(tmp_path.iterdir()) == [path]
