/* lg_tls.h: the transport of https://: TLS 1.2 and 1.3 over a non-blocking TCP socket, by
 * the OpenSSL of lg_openssl.h.
 *
 * A context belongs to one target of one engine: what is trusted, who the peer must be, what
 * we may speak. A session (SSL) is made when a connection is, and freed with it.
 *
 * Memory: "nothing is allocated after start" cannot hold inside OpenSSL. Measured with 3.0 and
 * 2,000 connections that idle between requests: 19 KB in use for each, some 30 KB resident
 * (its record buffers, 17 KB each way, live only while bytes are in them, and leave holes).
 *
 * Threads: a context and its sessions belong to one engine.
 */
#ifndef LG_TLS_H
#define LG_TLS_H

#include <stdbool.h>

#include "lg_openssl.h"
#include "lg_transport.h"

enum { LG_TLS_1_2 = 0x0303, LG_TLS_1_3 = 0x0304 };

/* A text that is NULL was not given. */
struct lg_tls_options {
    const char *host;      /* whose certificate it must be, and SNI unless it is an address */
    const char *ca_file;   /* PEM; trusted instead of the system's store */
    const char *cert_file; /* PEM; who we are, with the chain */
    const char *key_file;  /* PEM; NULL: in cert_file */
    const char *ciphers;   /* OpenSSL's cipher list of TLS 1.2 */
    const char *suites;    /* cipher suites of TLS 1.3 */
    int min_version;       /* LG_TLS_1_2 or LG_TLS_1_3 */
    bool host_is_address;
    bool verify; /* false: any certificate is accepted */
    bool resume; /* a connection resumes the session of the one that was closed last */
};

struct lg_tls_context;

/* Makes a context, after lg_openssl_load; options are kept by reference. Returns NULL with
 * *refused the field of the options that OpenSSL refuses ("" when it is memory), and *code
 * OpenSSL's error. */
struct lg_tls_context *lg_tls_context_new(const struct lg_tls_options *options,
                                          const char **refused, unsigned long *code);

/* After its connections are closed. NULL is fine. */
void lg_tls_context_free(struct lg_tls_context *context);

/* Its handshake takes an lg_tls_context. */
extern const struct lg_transport lg_tls;

#endif /* LG_TLS_H */
