/* sources: lg_address.c */
/* Addresses as text, against what the C library makes of them. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "check.h"
#include "lg_address.h"
#include "lg_errors.h"

static void
test_ipv4(void)
{
    struct lg_address address;
    CHECK(lg_address_parse(&address, "127.0.0.1", 8000, 0) == LG_OK);
    const struct sockaddr_in *name =
        (const struct sockaddr_in *)(const void *)&address.storage;
    CHECK(name->sin_family == AF_INET && address.len == sizeof *name);
    CHECK(name->sin_port == htons(8000) && name->sin_addr.s_addr == htonl(INADDR_LOOPBACK));
}

static void
test_ipv6(void)
{
    struct lg_address address;
    CHECK(lg_address_parse(&address, "::1", 8000, 7) == LG_OK);
    const struct sockaddr_in6 *name =
        (const struct sockaddr_in6 *)(const void *)&address.storage;
    CHECK(name->sin6_family == AF_INET6 && address.len == sizeof *name);
    CHECK(name->sin6_port == htons(8000) && name->sin6_scope_id == 7);
    CHECK(memcmp(&name->sin6_addr, &in6addr_loopback, sizeof in6addr_loopback) == 0);
}

static void
test_socket(void)
{
    struct lg_address address;
    char path[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];
    memset(path, 'a', sizeof path);
    path[0] = '/';
    path[sizeof path - 2] = '\0'; /* the longest that leaves room for its end */
    CHECK(lg_address_parse(&address, path, 0, 0) == LG_OK);
    const struct sockaddr_un *name =
        (const struct sockaddr_un *)(const void *)&address.storage;
    CHECK(name->sun_family == AF_UNIX && strcmp(name->sun_path, path) == 0);
    path[sizeof path - 2] = 'a';
    path[sizeof path - 1] = '\0';
    CHECK(lg_address_parse(&address, path, 0, 0) == LG_E_INVALID);
}

static void
test_what_is_no_address(void)
{
    static const char *const texts[] = {"", "localhost", "1.2.3", "[::1]", "1.2.3.4:80"};
    struct lg_address address;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        CHECK(lg_address_parse(&address, texts[i], 80, 0) == LG_E_INVALID);
    }
}

int
main(void)
{
    test_ipv4();
    test_ipv6();
    test_socket();
    test_what_is_no_address();
    return check_result();
}
