/* lg_openssl.h: the OpenSSL that the interpreter's own `_ssl` module is linked with.
 *
 * Its functions are found at run time, so that a build needs no OpenSSL header, a process
 * has one OpenSSL, and security fixes come with the system's. The prototypes are ours; they
 * are those of 1.1.1 and 3.x, where all of them are functions (what the manual calls
 * SSL_CTX_set_mode and the like are macros over *_ctrl; their numbers stand below).
 *
 * Threads: lg_openssl is written by lg_openssl_load alone, before anyone uses it.
 */
#ifndef LG_OPENSSL_H
#define LG_OPENSSL_H

#include <stddef.h>
#include <stdint.h>

#include "lg_errors.h"

struct bio_method_st;
struct bio_st;
struct ssl_ctx_st;
struct ssl_method_st;
struct ssl_session_st;
struct ssl_st;
struct X509_VERIFY_PARAM_st;

typedef int lg_openssl_password(char *buffer, int size, int writing, void *data);
typedef int lg_openssl_verify(int ok, void *store);
typedef int lg_openssl_read(struct bio_st *bio, char *buffer, int len);
typedef int lg_openssl_write(struct bio_st *bio, const char *bytes, int len);
typedef long lg_openssl_ctrl(struct bio_st *bio, int command, long number, void *pointer);

/* FUNCTION(result, name, arguments) for each function that we call. */
#define LG_OPENSSL_FUNCTIONS(FUNCTION)                                                        \
    FUNCTION(unsigned long, OpenSSL_version_num, (void))                                      \
    FUNCTION(int, OPENSSL_init_ssl, (uint64_t options, const void *settings))                 \
    FUNCTION(const char *, OpenSSL_version, (int what))                                       \
    FUNCTION(void, ERR_clear_error, (void))                                                   \
    FUNCTION(unsigned long, ERR_peek_error, (void))                                           \
    FUNCTION(const char *, ERR_reason_error_string, (unsigned long code))                     \
    FUNCTION(const char *, X509_verify_cert_error_string, (long code))                        \
    FUNCTION(const struct ssl_method_st *, TLS_client_method, (void))                         \
    FUNCTION(struct ssl_ctx_st *, SSL_CTX_new, (const struct ssl_method_st *method))          \
    FUNCTION(void, SSL_CTX_free, (struct ssl_ctx_st * ctx))                                   \
    FUNCTION(long, SSL_CTX_ctrl,                                                              \
             (struct ssl_ctx_st * ctx, int command, long number, void *p))                    \
    FUNCTION(uint64_t, SSL_CTX_set_options, (struct ssl_ctx_st * ctx, uint64_t options))      \
    FUNCTION(int, SSL_CTX_set_cipher_list, (struct ssl_ctx_st * ctx, const char *names))      \
    FUNCTION(int, SSL_CTX_set_ciphersuites, (struct ssl_ctx_st * ctx, const char *names))     \
    FUNCTION(int, SSL_CTX_set_alpn_protos,                                                    \
             (struct ssl_ctx_st * ctx, const unsigned char *names, unsigned int len))         \
    FUNCTION(int, SSL_CTX_set_default_verify_paths, (struct ssl_ctx_st * ctx))                \
    FUNCTION(int, SSL_CTX_load_verify_locations,                                              \
             (struct ssl_ctx_st * ctx, const char *file, const char *folder))                 \
    FUNCTION(void, SSL_CTX_set_verify,                                                        \
             (struct ssl_ctx_st * ctx, int mode, lg_openssl_verify *callback))                \
    FUNCTION(void, SSL_CTX_set_default_passwd_cb,                                             \
             (struct ssl_ctx_st * ctx, lg_openssl_password * callback))                       \
    FUNCTION(int, SSL_CTX_use_certificate_chain_file,                                         \
             (struct ssl_ctx_st * ctx, const char *file))                                     \
    FUNCTION(int, SSL_CTX_use_PrivateKey_file,                                                \
             (struct ssl_ctx_st * ctx, const char *file, int format))                         \
    FUNCTION(int, SSL_CTX_check_private_key, (const struct ssl_ctx_st *ctx))                  \
    FUNCTION(struct X509_VERIFY_PARAM_st *, SSL_CTX_get0_param, (struct ssl_ctx_st * ctx))    \
    FUNCTION(int, X509_VERIFY_PARAM_set1_host,                                                \
             (struct X509_VERIFY_PARAM_st * param, const char *name, size_t len))             \
    FUNCTION(int, X509_VERIFY_PARAM_set1_ip_asc,                                              \
             (struct X509_VERIFY_PARAM_st * param, const char *address))                      \
    FUNCTION(void, X509_VERIFY_PARAM_set_hostflags,                                           \
             (struct X509_VERIFY_PARAM_st * param, unsigned int flags))                       \
    FUNCTION(struct ssl_st *, SSL_new, (struct ssl_ctx_st * ctx))                             \
    FUNCTION(void, SSL_free, (struct ssl_st * ssl))                                           \
    FUNCTION(long, SSL_ctrl, (struct ssl_st * ssl, int command, long number, void *p))        \
    FUNCTION(void, SSL_set_bio,                                                               \
             (struct ssl_st * ssl, struct bio_st * reading, struct bio_st * writing))         \
    FUNCTION(int, SSL_connect, (struct ssl_st * ssl))                                         \
    FUNCTION(int, SSL_read, (struct ssl_st * ssl, void *buffer, int len))                     \
    FUNCTION(int, SSL_write, (struct ssl_st * ssl, const void *bytes, int len))               \
    FUNCTION(int, SSL_has_pending, (const struct ssl_st *ssl))                                \
    FUNCTION(int, SSL_shutdown, (struct ssl_st * ssl))                                        \
    FUNCTION(int, SSL_get_error, (const struct ssl_st *ssl, int result))                      \
    FUNCTION(long, SSL_get_verify_result, (const struct ssl_st *ssl))                         \
    FUNCTION(int, SSL_set_session, (struct ssl_st * ssl, struct ssl_session_st * session))    \
    FUNCTION(struct ssl_session_st *, SSL_get1_session, (struct ssl_st * ssl))                \
    FUNCTION(int, SSL_SESSION_is_resumable, (const struct ssl_session_st *session))           \
    FUNCTION(void, SSL_SESSION_free, (struct ssl_session_st * session))                       \
    FUNCTION(struct bio_method_st *, BIO_meth_new, (int type, const char *name))              \
    FUNCTION(void, BIO_meth_free, (struct bio_method_st * method))                            \
    FUNCTION(int, BIO_meth_set_read, (struct bio_method_st * method, lg_openssl_read * read)) \
    FUNCTION(int, BIO_meth_set_write,                                                         \
             (struct bio_method_st * method, lg_openssl_write * write))                       \
    FUNCTION(int, BIO_meth_set_ctrl, (struct bio_method_st * method, lg_openssl_ctrl * ctrl)) \
    FUNCTION(struct bio_st *, BIO_new, (const struct bio_method_st *method))                  \
    FUNCTION(void, BIO_set_data, (struct bio_st * bio, void *data))                           \
    FUNCTION(void *, BIO_get_data, (struct bio_st * bio))                                     \
    FUNCTION(void, BIO_set_init, (struct bio_st * bio, int init))                             \
    FUNCTION(void, BIO_set_flags, (struct bio_st * bio, int flags))                           \
    FUNCTION(void, BIO_clear_flags, (struct bio_st * bio, int flags))

#define LG_OPENSSL_FIELD(result, name, arguments) result(*name) arguments;

struct lg_openssl {
    LG_OPENSSL_FUNCTIONS(LG_OPENSSL_FIELD)
};

/* One table for all, as the dynamic linker's own would be: OpenSSL's callbacks pass nothing
 * by which they could find another. */
extern struct lg_openssl lg_openssl;

enum {
    LG_SSL_ERROR_WANT_READ = 2,
    LG_SSL_ERROR_WANT_WRITE = 3,
    LG_SSL_ERROR_ZERO_RETURN = 6,
    LG_SSL_CTRL_MODE = 33,
    LG_SSL_CTRL_SET_READ_AHEAD = 41,
    LG_SSL_CTRL_SET_SESS_CACHE_MODE = 44,
    LG_SSL_CTRL_SET_TLSEXT_HOSTNAME = 55,
    LG_SSL_CTRL_SET_MIN_PROTO_VERSION = 123,
    LG_SSL_MODE_ENABLE_PARTIAL_WRITE = 0x01,
    LG_SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER = 0x02,
    LG_SSL_MODE_AUTO_RETRY = 0x04,
    LG_SSL_MODE_RELEASE_BUFFERS = 0x10,
    LG_SSL_OP_NO_RENEGOTIATION = 0x40000000,
    LG_SSL_VERIFY_NONE = 0,
    LG_SSL_VERIFY_PEER = 1,
    LG_SSL_FILETYPE_PEM = 1,
    LG_X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS = 4,
    LG_BIO_TYPE_SOURCE_SINK = 0x0400,
    LG_BIO_CTRL_EOF = 2,
    LG_BIO_CTRL_FLUSH = 11,
    LG_BIO_FLAGS_READ = 0x01,
    LG_BIO_FLAGS_WRITE = 0x02,
    LG_BIO_FLAGS_SHOULD_RETRY = 0x08
};

/* Finds the functions. ssl_module: the file of the loaded `_ssl` module; NULL: it is part of
 * the interpreter. Returns LG_OK; LG_E_SYSTEM: that file is not loaded; LG_E_INVALID with
 * *missing the first function that is not there, or NULL: the version is not one we know.
 * May be called again. */
int lg_openssl_load(const char *ssl_module, const char **missing);

#endif /* LG_OPENSSL_H */
