"""A closed terminal is a reader that has gone; other failures stay what they are."""

from __future__ import annotations

import errno
import io
import os
import pty

import pytest

from loadgen.cli.lasting import LastingStream, telling_reader_gone


def test_a_write_to_a_closed_terminal_is_a_broken_pipe() -> None:
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as stream:
        lasting = LastingStream(stream)
        assert lasting.write("seen\n") == 5
        lasting.flush()
        assert os.read(master, 100) == b"seen\r\n"
        os.close(master)
        with pytest.raises(BrokenPipeError, match="terminal was closed"):
            lasting.write("lost\n")
        with pytest.raises(BrokenPipeError, match="terminal was closed"):
            lasting.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), slave)  # what is left must go somewhere


def test_everything_else_is_the_streams_own() -> None:
    stream = io.StringIO()
    lasting = LastingStream(stream)
    lasting.write("text")
    assert lasting.getvalue() == "text"
    assert lasting.isatty() is False


def test_other_errors_are_not_touched() -> None:
    with pytest.raises(OSError, match="full") as raised, telling_reader_gone():
        raise OSError(errno.ENOSPC, "full")
    assert not isinstance(raised.value, BrokenPipeError)
