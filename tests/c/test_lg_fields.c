/* sources: lg_fields.c */
/* Headers whole and split at every place, always ending where memory ends; each row lists the
 * fields that are found, as "mask=value|". */
#include "lg_fields.h"

#include <stdlib.h>

#include "check.h"

static const struct lg_field_names names = {
    .names = {"location", "x-a", "x-a", "x-ab"},
    .lengths = {8, 3, 3, 4},
    .count = 4,
};

struct row {
    const char *name;
    const char *header;
    const char *found;
};

static const struct row rows[] = {
    {"one of many",
     "HTTP/1.1 302 Found\r\nServer: x\r\nLocation: /a\r\nContent-Length: 0\r\n\r\n", "1=/a|"},
    {"in any case, two names", "HTTP/1.1 200 OK\r\nX-A: b\r\nLOCATION:c\r\n\r\n", "6=b|1=c|"},
    {"white space around, not within", "HTTP/1.1 200 OK\r\nx-a: \t b \t c\t \r\n\r\n",
     "6=b \t c|"},
    {"empty", "HTTP/1.1 200 OK\r\nx-a:\r\nx-ab: \r\n\r\n", "6=|8=|"},
    {"longer and shorter names",
     "HTTP/1.1 200 OK\r\nx: 1\r\nx-: 2\r\nx-abc: 3\r\nx-ab: 4\r\n\r\n", "8=4|"},
    {"twice", "HTTP/1.1 200 OK\r\nx-ab: 1\r\nx-ab: 2\r\n\r\n", "8=1|8=2|"},
    {"a value that looks like a header", "HTTP/1.1 200 OK\r\nServer: x-a: b\r\n\r\n", ""},
    {"a reason that looks like a header", "HTTP/1.1 200 x-a: b\r\n\r\n", ""},
    {"empty lines before", "\r\n\r\nHTTP/1.1 200 OK\r\nx-a: b\r\n\r\n", "6=b|"},
    {"colons in a value", "HTTP/1.1 200 OK\r\nLocation: http://h:1/\r\n\r\n",
     "1=http://h:1/|"},
};

/* Reads one piece from memory of its own and appends what was found. */
static void
read_piece(struct lg_fields *f, char *value, const char *bytes, size_t len, char *found)
{
    char *copy = malloc(len);
    memcpy(copy, bytes, len);
    const char *at = copy;
    while (at < copy + len) {
        uint8_t which = lg_fields_next(f, &names, value, &at, copy + len);
        if (which != 0) {
            sprintf(found + strlen(found), "%u=%.*s|", (unsigned)which, (int)f->at, value);
        }
    }
    CHECK(at == copy + len);
    free(copy);
}

static void
check_split(const struct row *row, size_t first, size_t step)
{
    struct lg_fields f;
    char value[LG_FIELD_BYTES];
    char found[200] = "";
    size_t len = strlen(row->header);
    lg_fields_begin(&f);
    for (size_t at = 0, piece = first; at < len; at += piece) {
        piece = at == 0 ? first : step;
        piece = piece < len - at ? piece : len - at;
        read_piece(&f, value, row->header + at, piece, found);
    }
    CHECK_EQ_STR(found, row->found);
}

static void
test_fields_are_found_however_the_bytes_are_split(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_row(rows[i].name);
        size_t len = strlen(rows[i].header);
        for (size_t first = 1; first <= len; first++) {
            check_split(&rows[i], first, len);
        }
        check_split(&rows[i], 1, 1);
    }
    check_row(NULL);
}

static void
test_a_value_longer_than_its_room_is_cut(void)
{
    static char header[LG_FIELD_BYTES + 100];
    char *at = stpcpy(header, "HTTP/1.1 200 OK\r\nx-ab: ");
    memset(at, 'v', LG_FIELD_BYTES);
    strcpy(at + LG_FIELD_BYTES, "\r\n\r\n");
    for (size_t extra = 0; extra < 2; extra++) {
        struct lg_fields f;
        char value[LG_FIELD_BYTES];
        const char *from = header;
        at[LG_FIELD_BYTES] = extra == 0 ? '\r' : 'v';
        at[LG_FIELD_BYTES + extra] = '\r';
        at[LG_FIELD_BYTES + extra + 1] = '\n';
        lg_fields_begin(&f);
        uint8_t which = lg_fields_next(&f, &names, value, &from, at + LG_FIELD_BYTES + 3);
        CHECK_EQ_U64(which, 8);
        CHECK_EQ_U64(f.at, LG_FIELD_BYTES);
        CHECK(f.cut == (extra > 0));
    }
}

int
main(void)
{
    test_fields_are_found_however_the_bytes_are_split();
    test_a_value_longer_than_its_room_is_cut();
    return check_result();
}
