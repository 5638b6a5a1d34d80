"""The OpenSSL that the engine speaks TLS with: whether there is one, and what its codes mean.

Contract: nothing here is on the path of a request; the GIL is kept.
"""
import os
import sys

from lg_openssl cimport *

__all__ = ["certificate_words", "error_words", "unavailable", "version"]

cdef enum:
    OK = 0
    SYSTEM = -3


def unavailable():
    cdef const char *missing = NULL
    cdef const char *ssl_module = NULL
    try:
        import _ssl
    except ImportError:
        return "this Python was built without its ssl module"
    file = os.fsencode(getattr(_ssl, "__file__", ""))
    if file:
        ssl_module = file
    cdef int status = lg_openssl_load(ssl_module, &missing)
    if status == OK:
        return ""
    where = os.fsdecode(file) or sys.executable
    if status == SYSTEM:
        return f"{where} is not loaded as a library"
    if missing != NULL:
        return f"{where} has an OpenSSL inside that offers no {missing.decode()}"
    return f"{version()} is neither 1.1.1 nor 3.x"


def version():
    return "" if lg_openssl.OpenSSL_version == NULL else lg_openssl.OpenSSL_version(0).decode()


def certificate_words(long code):
    return "" if unavailable() else lg_openssl.X509_verify_cert_error_string(code).decode()


def error_words(unsigned long code):
    cdef const char *words = NULL
    if not unavailable():
        words = lg_openssl.ERR_reason_error_string(code)
    return "" if words == NULL else words.decode()
