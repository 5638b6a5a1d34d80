/* lg_address.h: a socket address from its text. */
#ifndef LG_ADDRESS_H
#define LG_ADDRESS_H

#include <stdint.h>
#include <sys/socket.h>

struct lg_address {
    struct sockaddr_storage storage;
    socklen_t len;
};

/* text: an IPv4 or IPv6 address without port or brackets, or the path of a Unix domain
 * socket, which begins with a slash and has no port. scope: of a link-local IPv6 address,
 * else 0. Returns LG_OK, or LG_E_INVALID when the text is none of them or too long. */
int lg_address_parse(struct lg_address *out, const char *text, uint16_t port, uint32_t scope);

#endif /* LG_ADDRESS_H */
