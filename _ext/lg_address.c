/* lg_address.c: a socket address from its text. */
#include "lg_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "lg_errors.h"

static int
parse_path(struct lg_address *out, const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (len >= sizeof name.sun_path) {
        return LG_E_INVALID;
    }
    memcpy(name.sun_path, path, len + 1);
    memcpy(&out->storage, &name, sizeof name);
    out->len = sizeof name;
    return LG_OK;
}

int
lg_address_parse(struct lg_address *out, const char *text, uint16_t port, uint32_t scope)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {
        .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_scope_id = scope};
    memset(out, 0, sizeof *out);
    if (text[0] == '/') {
        return parse_path(out, text);
    }
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
        memcpy(&out->storage, &v4, sizeof v4);
        out->len = sizeof v4;
        return LG_OK;
    }
    if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
        memcpy(&out->storage, &v6, sizeof v6);
        out->len = sizeof v6;
        return LG_OK;
    }
    return LG_E_INVALID;
}
