# lg_openssl.pxd: what Python asks of lg_openssl.h; lg_tls.c calls the rest.
from libc.stdint cimport uint64_t


cdef extern from "lg_openssl.h" nogil:
    struct lg_openssl_functions "lg_openssl":
        unsigned long (*OpenSSL_version_num)()
        const char *(*OpenSSL_version)(int what)
        const char *(*ERR_reason_error_string)(unsigned long code)
        const char *(*X509_verify_cert_error_string)(long code)

    lg_openssl_functions lg_openssl

    int lg_openssl_load(const char *ssl_module, const char **missing)
