# lg_tls.pxd: lg_tls.h as Cython sees it; nothing else.
from lg_engine cimport lg_transport


cdef extern from "lg_tls.h" nogil:
    enum:
        LG_TLS_1_2
        LG_TLS_1_3

    struct lg_tls_options:
        const char *host
        const char *ca_file
        const char *cert_file
        const char *key_file
        const char *ciphers
        const char *suites
        int min_version
        bint host_is_address
        bint verify
        bint resume

    struct lg_tls_context:
        pass

    lg_tls_context *lg_tls_context_new(const lg_tls_options *options, const char **refused,
                                       unsigned long *code)
    void lg_tls_context_free(lg_tls_context *context)

    const lg_transport lg_tls
