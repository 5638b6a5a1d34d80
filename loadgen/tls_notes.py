"""What a report says of TLS: that nobody was verified, and why TLS failed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from loadgen._openssl import certificate_words, error_words

__all__ = ["tls_notes"]


def tls_notes(
    *, secure: bool, verified: bool, refusals: Iterable[int], failures: Iterable[int]
) -> tuple[str, ...]:
    """Sentences for the notes of a run.

    Args:
        secure: a target was spoken to by TLS.
        verified: certificates were checked.
        refusals: per worker, the X509_V_ERR_* of the first certificate refused; 0: none.
        failures: per worker, OpenSSL's code of the first failure of TLS; 0: none.
    """
    return tuple(_notes(secure and not verified, refusals, failures))


def _notes(insecure: bool, refusals: Iterable[int], failures: Iterable[int]) -> Iterator[str]:
    if insecure:
        yield (
            "INSECURE: certificates were not verified (--insecure), so anybody may have answered; "
            "name the authority with --cacert instead."
        )
    if codes := _distinct(refusals):
        said = "; ".join(certificate_words(code) or f"X509_V_ERR {code}" for code in codes)
        yield f"Certificates were refused: {said}."
    if codes := _distinct(failures):
        said = "; ".join(error_words(code) or f"error {code:#x}" for code in codes)
        yield f"TLS failed, in OpenSSL's words: {said}."


def _distinct(codes: Iterable[int]) -> list[int]:
    return sorted({code for code in codes if code})
