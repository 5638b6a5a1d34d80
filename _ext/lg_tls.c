/* lg_tls.c: the transport of https://.
 *
 * OpenSSL reads and writes the socket through a BIO of ours instead of its own: with
 * read-ahead a record takes one system call instead of two, a short read tells that the
 * socket is empty (so no recv is spent only to see EAGAIN), the errno is kept, and a send to
 * a peer that is gone raises no SIGPIPE.
 *
 * SSL_get_error judges by OpenSSL's error queue, so every function here leaves it empty.
 */
#include "lg_tls.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECORD_BYTES 16384 /* RFC 8446 section 5.1: the most that a record carries */
#define RETRY_FLAGS (LG_BIO_FLAGS_READ | LG_BIO_FLAGS_WRITE | LG_BIO_FLAGS_SHOULD_RETRY)

static const unsigned char alpn[] = "\x08http/1.1";

struct lg_tls_context {
    const struct lg_tls_options *options;
    struct ssl_ctx_st *ctx;
    struct bio_method_st *method;
    struct ssl_session_st *resumable; /* of the connection closed last; NULL: none */
};

struct session {
    struct lg_tls_context *context;
    struct ssl_st *ssl; /* owns the BIO */
    int error;          /* the errno that ended the socket; 0: none */
    bool ended;         /* the peer closed its side of TCP */
    bool drained;       /* the last read took all that the socket had */
    bool established;
    bool broken; /* OpenSSL is to be called no more but for SSL_free */
};

/* ---- the BIO between OpenSSL and the socket; its data is the link ---- */

static int
socket_failed(struct bio_st *bio, struct session *s, int direction)
{
    if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS) {
        lg_openssl.BIO_set_flags(bio, direction | LG_BIO_FLAGS_SHOULD_RETRY);
    }
    else {
        s->error = errno;
    }
    return -1;
}

static int
socket_read(struct bio_st *bio, char *buffer, int len)
{
    struct lg_link *link = lg_openssl.BIO_get_data(bio);
    struct session *s = link->session;
    ssize_t n = recv(link->fd, buffer, (size_t)len, 0);
    lg_openssl.BIO_clear_flags(bio, RETRY_FLAGS);
    s->drained = n < len;
    if (n < 0) {
        return socket_failed(bio, s, LG_BIO_FLAGS_READ);
    }
    s->ended = n == 0;
    return (int)n;
}

static int
socket_write(struct bio_st *bio, const char *bytes, int len)
{
    struct lg_link *link = lg_openssl.BIO_get_data(bio);
    ssize_t n = send(link->fd, bytes, (size_t)len, MSG_NOSIGNAL);
    lg_openssl.BIO_clear_flags(bio, RETRY_FLAGS);
    return n < 0 ? socket_failed(bio, link->session, LG_BIO_FLAGS_WRITE) : (int)n;
}

static long
socket_ctrl(struct bio_st *bio, int command, long number, void *pointer)
{
    (void)number;
    (void)pointer;
    struct lg_link *link = lg_openssl.BIO_get_data(bio);
    switch (command) {
        case LG_BIO_CTRL_FLUSH:
            return 1; /* nothing is held back */
        case LG_BIO_CTRL_EOF:
            return ((struct session *)link->session)->ended;
        default:
            return 0;
    }
}

static struct bio_method_st *
new_method(void)
{
    struct bio_method_st *method =
        lg_openssl.BIO_meth_new(LG_BIO_TYPE_SOURCE_SINK, "loadgen socket");
    if (method != NULL) {
        lg_openssl.BIO_meth_set_read(method, socket_read);
        lg_openssl.BIO_meth_set_write(method, socket_write);
        lg_openssl.BIO_meth_set_ctrl(method, socket_ctrl);
    }
    return method;
}

/* ---- the context ---- */

/* Instead of OpenSSL's own, which would ask on the terminal. */
static int
no_password(char *buffer, int size, int writing, void *data)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)data;
    return 0;
}

static bool
set_trust(struct ssl_ctx_st *ctx, const struct lg_tls_options *o, const char **refused)
{
    struct X509_VERIFY_PARAM_st *param = lg_openssl.SSL_CTX_get0_param(ctx);
    lg_openssl.SSL_CTX_set_verify(ctx, o->verify ? LG_SSL_VERIFY_PEER : LG_SSL_VERIFY_NONE,
                                  NULL);
    if (!o->verify) {
        return true;
    }
    *refused = "ca_file";
    int trusted = o->ca_file == NULL
                      ? lg_openssl.SSL_CTX_set_default_verify_paths(ctx)
                      : lg_openssl.SSL_CTX_load_verify_locations(ctx, o->ca_file, NULL);
    if (trusted != 1) {
        return false;
    }
    *refused = "host";
    lg_openssl.X509_VERIFY_PARAM_set_hostflags(param, LG_X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    int known = o->host_is_address ? lg_openssl.X509_VERIFY_PARAM_set1_ip_asc(param, o->host)
                                   : lg_openssl.X509_VERIFY_PARAM_set1_host(param, o->host, 0);
    return known == 1;
}

static bool
set_identity(struct ssl_ctx_st *ctx, const struct lg_tls_options *o, const char **refused)
{
    if (o->cert_file == NULL) {
        return true;
    }
    lg_openssl.SSL_CTX_set_default_passwd_cb(ctx, no_password);
    *refused = "cert_file";
    if (lg_openssl.SSL_CTX_use_certificate_chain_file(ctx, o->cert_file) != 1) {
        return false;
    }
    *refused = "key_file";
    const char *key_file = o->key_file == NULL ? o->cert_file : o->key_file;
    return lg_openssl.SSL_CTX_use_PrivateKey_file(ctx, key_file, LG_SSL_FILETYPE_PEM) == 1 &&
           lg_openssl.SSL_CTX_check_private_key(ctx) == 1;
}

static bool
set_protocol(struct ssl_ctx_st *ctx, const struct lg_tls_options *o, const char **refused)
{
    const struct lg_openssl *ssl = &lg_openssl;
    long mode = LG_SSL_MODE_ENABLE_PARTIAL_WRITE | LG_SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                LG_SSL_MODE_AUTO_RETRY | LG_SSL_MODE_RELEASE_BUFFERS;
    ssl->SSL_CTX_ctrl(ctx, LG_SSL_CTRL_MODE, mode, NULL);
    ssl->SSL_CTX_ctrl(ctx, LG_SSL_CTRL_SET_READ_AHEAD, 1, NULL);
    ssl->SSL_CTX_ctrl(ctx, LG_SSL_CTRL_SET_SESS_CACHE_MODE, 0, NULL); /* see keep_session */
    ssl->SSL_CTX_set_options(ctx, LG_SSL_OP_NO_RENEGOTIATION);
    *refused = "min_version";
    if (ssl->SSL_CTX_ctrl(ctx, LG_SSL_CTRL_SET_MIN_PROTO_VERSION, o->min_version, NULL) != 1) {
        return false;
    }
    *refused = "ciphers";
    if (o->ciphers != NULL && ssl->SSL_CTX_set_cipher_list(ctx, o->ciphers) != 1) {
        return false;
    }
    *refused = "suites";
    if (o->suites != NULL && ssl->SSL_CTX_set_ciphersuites(ctx, o->suites) != 1) {
        return false;
    }
    *refused = "";
    return ssl->SSL_CTX_set_alpn_protos(ctx, alpn, sizeof alpn - 1) == 0; /* 0: it did */
}

struct lg_tls_context *
lg_tls_context_new(const struct lg_tls_options *options, const char **refused,
                   unsigned long *code)
{
    *refused = "";
    lg_openssl.ERR_clear_error();
    struct lg_tls_context *context = calloc(1, sizeof *context);
    if (context == NULL) {
        return NULL;
    }
    context->options = options;
    context->method = new_method();
    context->ctx = lg_openssl.SSL_CTX_new(lg_openssl.TLS_client_method());
    bool made = context->method != NULL && context->ctx != NULL &&
                set_protocol(context->ctx, options, refused) &&
                set_trust(context->ctx, options, refused) &&
                set_identity(context->ctx, options, refused);
    *code = lg_openssl.ERR_peek_error();
    lg_openssl.ERR_clear_error();
    if (!made) {
        lg_tls_context_free(context);
        return NULL;
    }
    return context;
}

void
lg_tls_context_free(struct lg_tls_context *context)
{
    if (context == NULL) {
        return;
    }
    lg_openssl.SSL_SESSION_free(context->resumable);
    lg_openssl.SSL_CTX_free(context->ctx);
    lg_openssl.BIO_meth_free(context->method);
    free(context);
}

/* ---- the transport ---- */

static struct ssl_st *
new_ssl(struct lg_tls_context *context, struct lg_link *link)
{
    const struct lg_tls_options *o = context->options;
    struct ssl_st *ssl = lg_openssl.SSL_new(context->ctx);
    struct bio_st *bio = lg_openssl.BIO_new(context->method);
    if (ssl == NULL || bio == NULL) {
        lg_openssl.SSL_free(ssl);
        return NULL; /* a BIO is a hundred bytes; there is no memory for it either */
    }
    lg_openssl.BIO_set_data(bio, link);
    lg_openssl.BIO_set_init(bio, 1);
    lg_openssl.SSL_set_bio(ssl, bio, bio);
    if (!o->host_is_address) {
        lg_openssl.SSL_ctrl(ssl, LG_SSL_CTRL_SET_TLSEXT_HOSTNAME, 0,
                            (void *)(uintptr_t)o->host);
    }
    if (context->resumable != NULL) {
        lg_openssl.SSL_set_session(ssl, context->resumable);
    }
    return ssl;
}

static bool
begin_session(struct lg_link *link, struct lg_tls_context *context)
{
    struct session *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return false;
    }
    s->context = context;
    s->ssl = new_ssl(context, link);
    if (s->ssl == NULL) {
        free(s);
        return false;
    }
    link->session = s;
    return true;
}

/* What a call that returned `result` came to, as lg_io. */
static int
failure(struct lg_link *link, int result)
{
    struct session *s = link->session;
    switch (lg_openssl.SSL_get_error(s->ssl, result)) {
        case LG_SSL_ERROR_WANT_READ:
        case LG_SSL_ERROR_WANT_WRITE:
            return LG_IO_AGAIN;
        case LG_SSL_ERROR_ZERO_RETURN:
            return LG_IO_EOF;
        default:
            break;
    }
    s->broken = true;
    link->detail = lg_openssl.ERR_peek_error();
    lg_openssl.ERR_clear_error();
    if (s->error != 0) {
        errno = s->error;
    }
    else {
        errno = s->ended ? EPIPE : EPROTO;
    }
    return LG_IO_ERROR;
}

static int
tls_handshake(struct lg_link *link, void *context)
{
    if (link->session == NULL && !begin_session(link, context)) {
        errno = ENOMEM;
        return LG_IO_ERROR;
    }
    struct session *s = link->session;
    int result = lg_openssl.SSL_connect(s->ssl);
    if (result == 1) {
        s->established = true;
        lg_openssl.ERR_clear_error();
        return 0;
    }
    int io = failure(link, result);
    long refused = lg_openssl.SSL_get_verify_result(s->ssl);
    if (io == LG_IO_ERROR && errno == EPROTO && s->context->options->verify && refused != 0) {
        errno = EKEYREJECTED;
        link->detail = (uint64_t)refused;
    }
    return io;
}

static int
at_most(size_t len)
{
    return len < INT_MAX ? (int)len : INT_MAX;
}

static ssize_t
tls_send(struct lg_link *link, const char *bytes, size_t len)
{
    struct session *s = link->session;
    int n = lg_openssl.SSL_write(s->ssl, bytes, at_most(len));
    return n > 0 ? n : failure(link, n);
}

static ssize_t
tls_recv(struct lg_link *link, char *buffer, size_t len)
{
    struct session *s = link->session;
    int n = lg_openssl.SSL_read(s->ssl, buffer, at_most(len));
    if (n <= 0) {
        return failure(link, n);
    }
    link->drained = s->drained && !lg_openssl.SSL_has_pending(s->ssl);
    return n;
}

static ssize_t
tls_discard(struct lg_link *link, size_t len)
{
    char unused[RECORD_BYTES];
    return tls_recv(link, unused, len < sizeof unused ? len : sizeof unused);
}

/* Keeps the session for the next connection. At the close, since the tickets of TLS 1.3 come
 * after the handshake. */
static void
keep_session(const struct session *s)
{
    struct ssl_session_st *session = lg_openssl.SSL_get1_session(s->ssl);
    if (session != NULL && lg_openssl.SSL_SESSION_is_resumable(session)) {
        lg_openssl.SSL_SESSION_free(s->context->resumable);
        s->context->resumable = session;
    }
    else {
        lg_openssl.SSL_SESSION_free(session);
    }
}

static void
end_session(struct session *s)
{
    if (s->established && !s->broken) {
        if (s->context->options->resume) {
            keep_session(s);
        }
        /* RFC 8446 section 6.1: close_notify. Without it OpenSSL calls the session bad. */
        lg_openssl.SSL_shutdown(s->ssl);
    }
    lg_openssl.SSL_free(s->ssl);
    lg_openssl.ERR_clear_error();
    free(s);
}

static void
tls_close(struct lg_link *link)
{
    if (link->session != NULL) {
        end_session(link->session);
        link->session = NULL;
    }
    close(link->fd);
    link->fd = -1;
}

const struct lg_transport lg_tls = {
    .handshake = tls_handshake,
    .send = tls_send,
    .recv = tls_recv,
    .discard = tls_discard,
    .close = tls_close,
};
