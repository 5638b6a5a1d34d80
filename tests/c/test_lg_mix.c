/* sources: lg_mix.c */
#include "check.h"
#include "lg_mix.h"

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

static const double ONE[] = {1.0};
static const double QUARTERS[] = {0.25, 0.5, 0.75, 1.0};
static const double WITHOUT_WEIGHT[] = {0.0, 0.0, 0.5, 0.5, 1.0, 1.0, 1.0};

static const struct {
    const char *name;
    const double *cumulative;
    uint32_t count;
    double unit;
    uint32_t expected;
} CASES[] = {
    {"one endpoint, lowest draw", ONE, COUNT(ONE), 0.0, 0},
    {"one endpoint, highest draw", ONE, COUNT(ONE), 1.0 - 0x1p-53, 0},
    {"lowest draw", QUARTERS, COUNT(QUARTERS), 0.0, 0},
    {"just below a border", QUARTERS, COUNT(QUARTERS), 0.25 - 0x1p-53, 0},
    {"a border belongs to the next", QUARTERS, COUNT(QUARTERS), 0.25, 1},
    {"second border", QUARTERS, COUNT(QUARTERS), 0.5, 2},
    {"third border", QUARTERS, COUNT(QUARTERS), 0.75, 3},
    {"highest draw", QUARTERS, COUNT(QUARTERS), 1.0 - 0x1p-53, 3},
    {"no weight in front", WITHOUT_WEIGHT, COUNT(WITHOUT_WEIGHT), 0.0, 2},
    {"no weight between", WITHOUT_WEIGHT, COUNT(WITHOUT_WEIGHT), 0.5, 4},
    {"no weight at the end", WITHOUT_WEIGHT, COUNT(WITHOUT_WEIGHT), 1.0 - 0x1p-53, 4},
};

/* Every draw of a fine grid, for every number of endpoints: the first border above it. */
static void
test_against_a_linear_search(void)
{
    double cumulative[40];
    for (uint32_t count = 1; count <= COUNT(cumulative); count++) {
        for (uint32_t i = 0; i < count; i++) {
            cumulative[i] = (double)(i + 1) / count;
        }
        struct lg_mix mix = {cumulative, count};
        for (uint32_t tick = 0; tick < 1024; tick++) {
            double unit = tick / 1024.0;
            uint32_t expected = 0;
            while (cumulative[expected] <= unit) {
                expected++;
            }
            CHECK_EQ_U64(lg_mix_choose(&mix, unit), expected);
        }
    }
}

int
main(void)
{
    for (uint32_t i = 0; i < COUNT(CASES); i++) {
        struct lg_mix mix = {CASES[i].cumulative, CASES[i].count};
        check_row(CASES[i].name);
        CHECK_EQ_U64(lg_mix_choose(&mix, CASES[i].unit), CASES[i].expected);
    }
    check_row(NULL);
    test_against_a_linear_search();
    return check_result();
}
