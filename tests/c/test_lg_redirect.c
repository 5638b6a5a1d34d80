/* sources: lg_redirect.c lg_location.c */
/* Which answers lead to a next request, and its bytes. */
#include "lg_redirect.h"

#include <stdlib.h>

#include "check.h"

#define TAIL " HTTP/1.1\r\nHost: a\r\n\r\n"
#define WIRE "GET /dir/x?y HTTP/1.1\r\nHost: a\r\n\r\n"

static struct lg_redirect
redirect(bool head, bool only_303)
{
    return (struct lg_redirect){
        .origin = {"a", 1, false},
        .head = head,
        .only_303 = only_303,
        .tail = {TAIL, strlen(TAIL)},
    };
}

/* The request that an answer of this status and Location leads to; "": none. */
static void
check_next(const struct lg_redirect *r, unsigned status, const char *location, bool cut,
           const char *expected)
{
    struct lg_hop *hop = malloc(lg_hop_size(r));
    lg_hop_begin(hop);
    if (location != NULL) {
        lg_hop_locate(hop, r, (struct lg_wire){WIRE, strlen(WIRE)}, location, strlen(location),
                      cut);
    }
    bool taken = lg_hop_take(hop, r, status);
    CHECK(taken == (*expected != '\0'));
    if (taken) {
        CHECK_EQ_U64(hop->wire_len, strlen(expected));
        CHECK(memcmp(hop->wire, expected, strlen(expected)) == 0);
    }
    free(hop);
}

static void
test_get_and_head_follow_all_five(void)
{
    static const unsigned statuses[] = {301, 302, 303, 307, 308};
    struct lg_redirect get = redirect(false, false);
    struct lg_redirect head = redirect(true, false);
    for (size_t i = 0; i < 5; i++) {
        check_next(&get, statuses[i], "z", false, "GET /dir/z" TAIL);
        check_next(&head, statuses[i], "/z", false, "HEAD /z" TAIL);
    }
    static const unsigned others[] = {200, 201, 300, 304, 305, 306, 399, 404};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        check_next(&get, others[i], "/z", false, "");
    }
}

static void
test_other_methods_follow_303_alone(void)
{
    struct lg_redirect post = redirect(false, true);
    check_next(&post, 303, "/z", false, "GET /z" TAIL);
    check_next(&post, 302, "/z", false, "");
    check_next(&post, 308, "/z", false, "");
}

static void
test_what_leads_nowhere_is_not_taken(void)
{
    struct lg_redirect get = redirect(false, false);
    check_next(&get, 302, NULL, false, "");
    check_next(&get, 302, "http://b/", false, "");
    check_next(&get, 302, "/cut", true, "");
}

static void
test_the_last_of_several_locations_counts(void)
{
    struct lg_redirect get = redirect(false, false);
    struct lg_wire wire = {WIRE, strlen(WIRE)};
    struct lg_hop *hop = malloc(lg_hop_size(&get));
    lg_hop_begin(hop);
    lg_hop_locate(hop, &get, wire, "/one", 4, false);
    lg_hop_locate(hop, &get, wire, "//other/", 8, false);
    CHECK(!lg_hop_take(hop, &get, 302));
    free(hop);
}

static void
test_a_hop_has_room_for_the_longest_target(void)
{
    static char location[LG_LOCATION_BYTES];
    struct lg_redirect head = redirect(true, false);
    struct lg_hop *hop = malloc(lg_hop_size(&head));
    memset(location, 'x', sizeof location);
    location[0] = '/';
    lg_hop_begin(hop);
    lg_hop_locate(hop, &head, (struct lg_wire){WIRE, strlen(WIRE)}, location, sizeof location,
                  false);
    CHECK(lg_hop_take(hop, &head, 308));
    CHECK_EQ_U64(hop->wire_len, strlen("HEAD ") + sizeof location + strlen(TAIL));
    lg_hop_begin(hop);
    CHECK(!lg_hop_take(hop, &head, 308));
    free(hop);
}

int
main(void)
{
    test_get_and_head_follow_all_five();
    test_other_methods_follow_303_alone();
    test_what_leads_nowhere_is_not_taken();
    test_the_last_of_several_locations_counts();
    test_a_hop_has_room_for_the_longest_target();
    return check_result();
}
