/* sources: lg_record.c lg_hist.c lg_check.c lg_samples.c */
/* test_lg_record.c: what each event of a request's life writes into the slot. */
#include <stdlib.h>

#include "check.h"
#include "lg_record.h"

#define MS LG_NS_PER_MS

static struct lg_engine engine;
static struct lg_request requests[2];
static struct lg_plan plan = {.requests = requests, .request_count = 2};
static struct lg_watch watch;
static struct lg_slot *slot;
static struct lg_endpoint_stats *stats;

static struct lg_conn
request(uint64_t intended_ns, uint64_t free_ns, uint64_t sent_ns)
{
    struct lg_conn c = {
        .endpoint = 1,
        .loaded = true,
        .intended_ns = intended_ns,
        .free_ns = free_ns,
        .sent_ns = sent_ns,
        .first_ns = sent_ns + 2 * MS,
    };
    c.http.status = 200;
    return c;
}

static void
fresh(void)
{
    free(slot);
    slot = calloc(1, sizeof *slot + 2 * sizeof slot->endpoints[0]);
    engine = (struct lg_engine){.plan = &plan, .slot = slot, .watches = &watch};
    stats = &slot->endpoints[1];
    lg_record_init(slot, &plan);
}

static void
test_an_answer_is_timed_from_its_intended_and_from_its_real_send(void)
{
    fresh();
    struct lg_conn c = request(10 * MS, 5 * MS, 13 * MS);
    lg_record_begun(&engine, &c);
    CHECK_EQ_U64(engine.in_flight, 1);
    lg_record_sent(&engine, &c);
    lg_record_answer(&engine, &c, 20 * MS);
    CHECK_EQ_U64(engine.in_flight, 0);
    CHECK_EQ_U64(stats->sent, 1);
    CHECK_EQ_U64(stats->succeeded, 1);
    CHECK_EQ_U64(stats->status[200], 1);
    CHECK_EQ_U64(stats->late, 1);
    CHECK_EQ_U64(stats->response.max_ns, 10 * MS);
    CHECK_EQ_U64(stats->service.max_ns, 7 * MS);
    CHECK_EQ_U64(stats->ttfb.max_ns, 2 * MS);
    CHECK_EQ_U64(stats->lag.max_ns, 3 * MS);
    CHECK_EQ_U64(slot->own_lag.max_ns, 3 * MS);
    CHECK_EQ_U64(slot->waited, 0);
    CHECK_EQ_U64(slot->endpoints[0].sent, 0);
}

static void
test_waiting_for_a_connection_is_not_the_generators_own_lag(void)
{
    fresh();
    struct lg_conn c = request(10 * MS, 50 * MS, 51 * MS);
    lg_record_begun(&engine, &c);
    lg_record_sent(&engine, &c);
    CHECK_EQ_U64(stats->lag.max_ns, 41 * MS);
    CHECK_EQ_U64(slot->own_lag.max_ns, 1 * MS);
    CHECK_EQ_U64(slot->waited, 1);
}

static void
test_measured_requests_leave_samples_when_somebody_wants_them(void)
{
    fresh();
    struct lg_samples *ring = calloc(1, sizeof *ring + 4 * sizeof ring->ring[0]);
    ring->capacity = 4;
    plan.samples = ring;
    struct lg_conn c = request(10 * MS, 10 * MS, 11 * MS);
    c.http.body_bytes = 77;
    lg_record_answer(&engine, &c, 20 * MS);
    struct lg_conn refused = request(30 * MS, 30 * MS, 0);
    refused.first_ns = 0;
    lg_record_failure(&engine, &refused, LG_ERR_CONNECT_REFUSED, 31 * MS);
    c.warmup = true;
    lg_record_answer(&engine, &c, 40 * MS);
    lg_record_failure(&engine, &c, LG_ERR_CLOSED, 40 * MS);
    plan.samples = NULL;
    CHECK_EQ_U64(ring->written, 2);
    CHECK_EQ_U64(ring->ring[0].intended_ns, 10 * MS);
    CHECK_EQ_U64(ring->ring[0].sent_ns, 11 * MS);
    CHECK_EQ_U64(ring->ring[0].first_ns, 13 * MS);
    CHECK_EQ_U64(ring->ring[0].done_ns, 20 * MS);
    CHECK_EQ_U64(ring->ring[0].body_bytes, 77);
    CHECK_EQ_U64(ring->ring[0].endpoint, 1);
    CHECK_EQ_U64(ring->ring[0].status, 200);
    CHECK_EQ_U64(ring->ring[0].failure, 0);
    CHECK_EQ_U64(ring->ring[1].sent_ns, 0);
    CHECK_EQ_U64(ring->ring[1].first_ns, 0);
    CHECK_EQ_U64(ring->ring[1].status, 0);
    CHECK_EQ_U64(ring->ring[1].failure, LG_ERR_CONNECT_REFUSED + 1);
    free(ring);
}

static void
test_a_status_of_400_fails_and_is_timed(void)
{
    fresh();
    struct lg_conn c = request(10 * MS, 10 * MS, 10 * MS);
    c.http.status = 400;
    lg_record_begun(&engine, &c);
    lg_record_sent(&engine, &c);
    lg_record_answer(&engine, &c, 12 * MS);
    CHECK_EQ_U64(stats->failed, 1);
    CHECK_EQ_U64(stats->succeeded, 0);
    CHECK_EQ_U64(stats->response.count, 1);
    CHECK_EQ_U64(stats->late, 0);
}

static void
test_of_failures_only_a_timeout_is_timed(void)
{
    fresh();
    struct lg_conn c = request(10 * MS, 10 * MS, 10 * MS);
    lg_record_begun(&engine, &c);
    lg_record_failure(&engine, &c, LG_ERR_RESET, 12 * MS);
    CHECK_EQ_U64(stats->errors[LG_ERR_RESET], 1);
    CHECK_EQ_U64(stats->response.count, 0);
    lg_record_begun(&engine, &c);
    lg_record_failure(&engine, &c, LG_ERR_TIMEOUT, 40 * MS);
    CHECK_EQ_U64(stats->errors[LG_ERR_TIMEOUT], 1);
    CHECK_EQ_U64(stats->response.max_ns, 30 * MS);
    CHECK_EQ_U64(stats->failed, 2);
    CHECK_EQ_U64(engine.in_flight, 0);
}

static void
test_the_warm_up_touches_its_three_counters_alone(void)
{
    fresh();
    struct lg_conn c = request(10 * MS, 50 * MS, 90 * MS);
    c.warmup = true;
    lg_record_begun(&engine, &c);
    lg_record_sent(&engine, &c);
    lg_record_connected(&engine, &c, MS);
    lg_record_bytes_sent(&engine, &c, 7);
    lg_record_bytes_received(&engine, &c, 7);
    lg_record_reconnect(&engine, &c);
    lg_record_surplus(&engine, &c);
    lg_record_answer(&engine, &c, 95 * MS);
    lg_record_begun(&engine, &c);
    lg_record_failure(&engine, &c, LG_ERR_TIMEOUT, 99 * MS);
    CHECK_EQ_U64(stats->warmup_sent, 2);
    CHECK_EQ_U64(stats->warmup_succeeded, 1);
    CHECK_EQ_U64(stats->warmup_failed, 1);
    CHECK_EQ_U64(stats->sent + stats->succeeded + stats->failed + stats->connects, 0);
    CHECK_EQ_U64(stats->bytes_sent + stats->bytes_received, 0);
    CHECK_EQ_U64(stats->reconnects + stats->surplus + stats->late + slot->waited, 0);
    CHECK_EQ_U64(stats->response.count + stats->lag.count + slot->own_lag.count, 0);
}

static void
test_a_clock_that_stands_still_gives_zero_and_not_a_century(void)
{
    fresh();
    struct lg_conn c = request(10 * MS, 10 * MS, 9 * MS);
    lg_record_begun(&engine, &c);
    lg_record_sent(&engine, &c);
    lg_record_answer(&engine, &c, 8 * MS);
    CHECK_EQ_U64(stats->response.max_ns, 0);
    CHECK_EQ_U64(stats->service.max_ns, 0);
    CHECK_EQ_U64(stats->lag.max_ns, 0);
}

static void
test_an_answer_that_fails_its_check_is_an_error_with_a_sample(void)
{
    struct lg_check check = {.body_max = UINT64_MAX};
    struct lg_watching watching = {.check = &check};
    lg_check_allow(&check, 200, 200);
    lg_check_allow(&check, 404, 404);
    requests[1].watching = &watching;
    fresh();
    struct lg_conn c = request(10 * MS, 10 * MS, 10 * MS);
    engine.conns = &c;
    memcpy(watch.text, "broken", 6);
    watch.sample_len = 6;
    const uint16_t statuses[] = {200, 404, 500, 302, 500, 500};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        c.http.status = statuses[i];
        c.http.body_bytes = 1000 + i;
        lg_record_begun(&engine, &c);
        lg_record_answer(&engine, &c, 12 * MS);
    }
    CHECK_EQ_U64(stats->succeeded, 2);
    CHECK_EQ_U64(stats->status[404], 1);
    CHECK_EQ_U64(stats->status[500] + stats->status[302], 0);
    CHECK_EQ_U64(stats->failed, 4);
    CHECK_EQ_U64(stats->errors[LG_ERR_CHECK], 4);
    CHECK_EQ_U64(stats->checks[LG_CHECK_STATUS], 4);
    CHECK_EQ_U64(stats->response.count, 6);
    CHECK_EQ_U64(slot->failed_answers, LG_FAILED_ANSWERS);
    CHECK_EQ_U64(slot->failed_answer[0].endpoint, 1);
    CHECK_EQ_U64(slot->failed_answer[0].status, 500);
    CHECK_EQ_U64(slot->failed_answer[1].status, 302);
    CHECK_EQ_U64(slot->failed_answer[2].body_bytes, 1004);
    CHECK_EQ_U64(slot->failed_answer[0].len, 6);
    CHECK(memcmp(slot->failed_answer[0].body, "broken", 6) == 0);
    c.warmup = true;
    lg_record_begun(&engine, &c);
    lg_record_answer(&engine, &c, 12 * MS);
    CHECK_EQ_U64(stats->warmup_failed, 1);
    CHECK_EQ_U64(stats->checks[LG_CHECK_STATUS], 4);
    requests[1].watching = NULL;
}

int
main(void)
{
    test_an_answer_is_timed_from_its_intended_and_from_its_real_send();
    test_waiting_for_a_connection_is_not_the_generators_own_lag();
    test_measured_requests_leave_samples_when_somebody_wants_them();
    test_a_status_of_400_fails_and_is_timed();
    test_of_failures_only_a_timeout_is_timed();
    test_the_warm_up_touches_its_three_counters_alone();
    test_a_clock_that_stands_still_gives_zero_and_not_a_century();
    test_an_answer_that_fails_its_check_is_an_error_with_a_sample();
    free(slot);
    return check_result();
}
