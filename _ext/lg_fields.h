/* lg_fields.h: reads the values of a few header fields out of an answer's header bytes.
 *
 * The bytes have gone through lg_http.c before, so they are well-formed; here they are only
 * looked at. They may come in any pieces. Threads: one scan belongs to one connection.
 */
#ifndef LG_FIELDS_H
#define LG_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LG_FIELDS 8           /* fields that can be looked for at once */
#define LG_FIELD_BYTES 2048   /* of a value; what is beyond is not seen */
#define LG_FIELD_NAME_MAX 255 /* bytes of a name */

/* The fields that are looked for; two entries may have one name. */
struct lg_field_names {
    const char *names[LG_FIELDS]; /* lower case; not terminated */
    uint8_t lengths[LG_FIELDS];
    uint8_t count;
};

struct lg_fields {
    uint8_t state;
    uint8_t matching; /* bit i: names[i] may be, then is, the field at hand */
    uint16_t at;      /* bytes of its name, then of its value, so far */
    bool cut;         /* the value was longer than LG_FIELD_BYTES */
};

/* Before an answer's first byte. */
void lg_fields_begin(struct lg_fields *f);

/* Reads on from *at, to the end of the next field that is looked for or to `end`, and moves
 * *at there. value: LG_FIELD_BYTES, the same for each call.
 *
 * Returns a bit for each of the names that the field has; its value, without white space
 * around it, then is in value[0..f->at). Returns 0 at the end of the bytes. */
uint8_t lg_fields_next(struct lg_fields *f, const struct lg_field_names *names, char *value,
                       const char **at, const char *end);

#endif /* LG_FIELDS_H */
