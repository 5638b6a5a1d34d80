"""What is said of TLS after a run."""

from __future__ import annotations

from loadgen.tls_notes import tls_notes

EXPIRED = 10
WRONG_HOST = 62
WRONG_VERSION_NUMBER = 0x0A00010B
"""ERR_PACK(ERR_LIB_SSL = 20, SSL_R_WRONG_VERSION_NUMBER = 267), as OpenSSL 3 packs it."""


def test_all_is_well_and_nothing_is_said() -> None:
    assert tls_notes(secure=True, verified=True, refusals=[0, 0], failures=[0]) == ()
    assert tls_notes(secure=False, verified=False, refusals=[], failures=[]) == ()


def test_a_run_that_verified_nobody_says_so_first() -> None:
    notes = tls_notes(secure=True, verified=False, refusals=[], failures=[WRONG_VERSION_NUMBER])
    assert notes[0].startswith("INSECURE: certificates were not verified (--insecure)")
    assert notes[1] == "TLS failed, in OpenSSL's words: wrong version number."


def test_refusals_are_said_once_each_in_words() -> None:
    (note,) = tls_notes(
        secure=True, verified=True, refusals=[EXPIRED, 0, WRONG_HOST, EXPIRED], failures=[]
    )
    assert note == "Certificates were refused: certificate has expired; hostname mismatch."


def test_a_code_without_words_is_a_number() -> None:
    (note,) = tls_notes(secure=True, verified=True, refusals=[], failures=[1])
    assert note == "TLS failed, in OpenSSL's words: error 0x1."
