"""The OpenSSL that the engine speaks TLS with (`_ext/lg_openssl.h`): the interpreter's own."""

__all__ = ["certificate_words", "error_words", "unavailable", "version"]

def unavailable() -> str:
    """Why the engine cannot speak TLS, as the end of a sentence; "" when it can."""

def version() -> str:
    """OpenSSL's name and version once `unavailable` has found it, else ""."""

def certificate_words(code: int) -> str:
    """Why a certificate was refused, in OpenSSL's words.

    Args:
        code: an X509_V_ERR_*.
    """

def error_words(code: int) -> str:
    """What went wrong in TLS, in OpenSSL's words; "" when it has none.

    Args:
        code: of OpenSSL's error queue.
    """
