/* sources: lg_openssl.c lg_tls.c */
/* TLS's way without a server: what cannot be loaded, what is refused, and peers that are none.
 * Whole conversations are in tests/loadgen/test_engine_tls.py. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "lg_tls.h"

static const struct lg_tls_options usual = {
    .host = "localhost", .min_version = LG_TLS_1_2, .verify = true};

/* A module is searched with the libraries that it is linked with: here, the program itself. */
static bool
make_openssl_ours(void)
{
    static const char *const files[] = {"libssl.so.3", "libssl.so.1.1"};
    for (size_t i = 0; i < 2; i++) {
        if (dlopen(files[i], RTLD_NOW | RTLD_GLOBAL) != NULL) {
            return true;
        }
    }
    return false;
}

static void
check_loading(void)
{
    const char *missing = "nothing";
    CHECK_EQ_I64(lg_openssl_load("/nowhere/_ssl.so", &missing), LG_E_SYSTEM);
    CHECK(missing == NULL);
    CHECK_EQ_I64(lg_openssl_load(NULL, &missing), LG_E_INVALID);
    CHECK_EQ_STR(missing, "OpenSSL_version_num");
    CHECK(make_openssl_ours());
    CHECK_EQ_I64(lg_openssl_load(NULL, &missing), LG_OK);
    CHECK(missing == NULL);
    CHECK(lg_openssl.OpenSSL_version_num() >= 0x10101000UL);
}

static void
check_refusal(struct lg_tls_options options, const char *field)
{
    const char *refused = NULL;
    unsigned long code = 0;
    check_row(field);
    CHECK(lg_tls_context_new(&options, &refused, &code) == NULL);
    CHECK_EQ_STR(refused, field);
    CHECK(lg_openssl.ERR_peek_error() == 0);
}

static void
check_refusals(void)
{
    struct lg_tls_options options = usual;
    options.ca_file = "/nowhere/ca.pem";
    check_refusal(options, "ca_file");
    options = usual;
    options.cert_file = "/nowhere/cert.pem";
    check_refusal(options, "cert_file");
    options = usual;
    options.ciphers = "NONSENSE";
    check_refusal(options, "ciphers");
    options = usual;
    options.suites = "NONSENSE";
    check_refusal(options, "suites");
    options = usual;
    options.min_version = 7;
    check_refusal(options, "min_version");
    options = usual;
    options.host_is_address = true;
    check_refusal(options, "host");
}

/* A link of a context and the descriptor of its peer. */
struct pair {
    struct lg_tls_context *context;
    struct lg_link link;
    int peer;
};

static void
begin(struct pair *pair)
{
    const char *refused = NULL;
    unsigned long code = 0;
    int fds[2] = {-1, -1};
    CHECK_EQ_I64(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    pair->context = lg_tls_context_new(&usual, &refused, &code);
    pair->link.fd = fds[0];
    pair->peer = fds[1];
    CHECK(pair->context != NULL);
    CHECK_EQ_I64(lg_tls.handshake(&pair->link, pair->context), LG_IO_AGAIN);
}

static void
check_hello(const struct pair *pair)
{
    char hello[4096];
    ssize_t n = read(pair->peer, hello, sizeof hello);
    CHECK(n > 100);
    CHECK_EQ_I64(hello[0], 22); /* RFC 8446 section 5.1: a handshake record */
    CHECK(memmem(hello, (size_t)n, "localhost", 9) != NULL);
    CHECK(memmem(hello, (size_t)n, "\x08http/1.1", 9) != NULL);
}

static void
disconnect(struct pair *pair)
{
    lg_tls.close(&pair->link);
    CHECK_EQ_I64(pair->link.fd, -1);
    CHECK(pair->link.session == NULL);
    CHECK(lg_openssl.ERR_peek_error() == 0);
    lg_tls_context_free(pair->context);
}

static void
check_silent_peer(void)
{
    check_row("silence");
    struct pair pair = {0};
    begin(&pair);
    check_hello(&pair);
    CHECK_EQ_I64(lg_tls.handshake(&pair.link, pair.context), LG_IO_AGAIN);
    disconnect(&pair);
    close(pair.peer);
}

static void
check_plain_peer(void)
{
    static const char answer[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
    check_row("plain text");
    struct pair pair = {0};
    begin(&pair);
    CHECK(write(pair.peer, answer, sizeof answer - 1) > 0);
    CHECK_EQ_I64(lg_tls.handshake(&pair.link, pair.context), LG_IO_ERROR);
    CHECK_EQ_I64(errno, EPROTO);
    const char *why = lg_openssl.ERR_reason_error_string((unsigned long)pair.link.detail);
    CHECK(why != NULL && strcmp(why, "wrong version number") == 0);
    disconnect(&pair);
    close(pair.peer);
}

static void
check_peer_that_is_gone(void)
{
    check_row("closed");
    struct pair pair = {0};
    begin(&pair);
    check_hello(&pair); /* a close with unread bytes would be a reset */
    close(pair.peer);
    CHECK_EQ_I64(lg_tls.handshake(&pair.link, pair.context), LG_IO_ERROR);
    CHECK_EQ_I64(errno, EPIPE);
    disconnect(&pair);
}

int
main(void)
{
    check_loading();
    check_refusals();
    check_silent_peer();
    check_plain_peer();
    check_peer_that_is_gone();
    lg_tls_context_free(NULL);
    return check_result();
}
