/* lg_record.c: what the life of a request writes into the slot.
 *
 * A request of the warm-up touches the three warm-up counters and nothing else.
 */
#include "lg_record.h"

#include <errno.h>
#include <string.h>

static struct lg_endpoint_stats *
stats_of(struct lg_engine *e, const struct lg_conn *c)
{
    return &e->slot->endpoints[c->endpoint];
}

#define FAILS_FROM 400 /* RFC 9110 section 15: the classes of errors */

static const struct lg_check *
check_of(const struct lg_plan *plan, uint32_t endpoint)
{
    const struct lg_watching *watching = plan->requests[endpoint].watching;
    return watching == NULL ? NULL : watching->check;
}

static uint64_t
since(uint64_t begin_ns, uint64_t end_ns)
{
    return end_ns > begin_ns ? end_ns - begin_ns : 0;
}

void
lg_record_init(struct lg_slot *slot, const struct lg_plan *plan)
{
    lg_hist_init(&slot->own_lag, LG_HIST_COARSE_BITS);
    for (uint32_t i = 0; i < plan->request_count; i++) {
        const struct lg_check *check = check_of(plan, i);
        struct lg_endpoint_stats *stats = &slot->endpoints[i];
        bool checked = check != NULL && check->by_status;
        stats->fails_from = checked ? LG_STATUS_CODES : FAILS_FROM;
        lg_hist_init(&stats->response, LG_HIST_FINE_BITS);
        lg_hist_init(&stats->service, LG_HIST_COARSE_BITS);
        lg_hist_init(&stats->ttfb, LG_HIST_COARSE_BITS);
        lg_hist_init(&stats->connect, LG_HIST_COARSE_BITS);
        lg_hist_init(&stats->tls, LG_HIST_COARSE_BITS);
        lg_hist_init(&stats->lag, LG_HIST_COARSE_BITS);
    }
}

void
lg_record_begun(struct lg_engine *e, const struct lg_conn *c)
{
    e->in_flight++;
    if (c->warmup) {
        stats_of(e, c)->warmup_sent++;
    }
    else {
        stats_of(e, c)->sent++;
    }
}

void
lg_record_sent(struct lg_engine *e, const struct lg_conn *c)
{
    if (c->warmup) {
        return;
    }
    struct lg_endpoint_stats *stats = stats_of(e, c);
    uint64_t lag_ns = since(c->intended_ns, c->sent_ns);
    lg_hist_record(&stats->lag, lag_ns);
    stats->late += lag_ns > LG_LATE_NS;
    e->slot->waited += since(c->intended_ns, c->free_ns) > LG_LATE_NS;
    uint64_t possible_ns = c->intended_ns > c->free_ns ? c->intended_ns : c->free_ns;
    possible_ns = possible_ns > c->allowed_ns ? possible_ns : c->allowed_ns;
    lg_hist_record(&e->slot->own_lag, since(possible_ns, c->sent_ns));
}

void
lg_record_connected(struct lg_engine *e, const struct lg_conn *c, uint64_t took_ns)
{
    if (c->loaded && c->warmup) {
        return;
    }
    stats_of(e, c)->connects++;
    lg_hist_record(&stats_of(e, c)->connect, took_ns);
}

void
lg_record_secured(struct lg_engine *e, const struct lg_conn *c, uint64_t took_ns)
{
    if (c->loaded && c->warmup) {
        return;
    }
    lg_hist_record(&stats_of(e, c)->tls, took_ns);
}

void
lg_record_refusal(struct lg_engine *e, int error, uint64_t detail)
{
    if (error == EKEYREJECTED && e->slot->refused_certificate == 0) {
        e->slot->refused_certificate = detail;
    }
    if (error == EPROTO && e->slot->tls_error == 0) {
        e->slot->tls_error = detail;
    }
}

static void
record_times(struct lg_endpoint_stats *stats, const struct lg_conn *c, uint64_t now_ns)
{
    lg_hist_record(&stats->response, since(c->intended_ns, now_ns));
    lg_hist_record(&stats->service, since(c->sent_ns, now_ns));
}

/* Leaves a sample when somebody wants them; failure: as in struct lg_sample. */
static void
sample(const struct lg_engine *e, const struct lg_conn *c, uint16_t status, uint16_t failure,
       uint64_t now_ns)
{
    if (e->plan->samples == NULL) {
        return;
    }
    struct lg_sample left = {
        .intended_ns = c->intended_ns,
        .sent_ns = c->sent_ns,
        .first_ns = c->first_ns,
        .done_ns = now_ns,
        .body_bytes = c->first_ns > 0 ? c->http.body_bytes : 0,
        .endpoint = c->endpoint,
        .status = status,
        .failure = failure,
    };
    lg_samples_add(e->plan->samples, &left);
}

/* Keeps an answer for people to look at, while there is room. */
static void
keep(struct lg_slot *slot, const struct lg_conn *c, const struct lg_watch *w,
     struct lg_verdict verdict)
{
    uint64_t kept = slot->failed_answers;
    if (kept == LG_FAILED_ANSWERS) {
        return;
    }
    struct lg_failed_answer *answer = &slot->failed_answer[kept];
    answer->body_bytes = c->http.body_bytes;
    answer->endpoint = c->endpoint;
    answer->status = c->http.status;
    answer->kind = (uint16_t)verdict.kind;
    answer->index = verdict.index;
    answer->len = w->sample_len;
    memcpy(answer->body, w->text, w->sample_len);
    /* Readers look at this first, and then only at what is whole. */
    __atomic_store_n(&slot->failed_answers, kept + 1, __ATOMIC_RELEASE);
}

static struct lg_verdict
judge(struct lg_engine *e, const struct lg_conn *c)
{
    const struct lg_check *check = check_of(e->plan, c->endpoint);
    if (check == NULL) {
        return (struct lg_verdict){LG_CHECK_PASSED, 0};
    }
    return lg_check_verdict(check, &lg_engine_watch(e, c)->check, c->http.status,
                            c->http.body_bytes);
}

void
lg_record_answer(struct lg_engine *e, const struct lg_conn *c, uint64_t now_ns)
{
    struct lg_endpoint_stats *stats = stats_of(e, c);
    struct lg_verdict verdict = judge(e, c);
    bool passed = verdict.kind == LG_CHECK_PASSED;
    bool success = passed && c->http.status < stats->fails_from;
    e->in_flight--;
    if (c->warmup) {
        stats->warmup_succeeded += success;
        stats->warmup_failed += !success;
        return;
    }
    sample(e, c, c->http.status, passed ? 0 : LG_ERR_CHECK + 1, now_ns);
    record_times(stats, c, now_ns);
    lg_hist_record(&stats->ttfb, since(c->sent_ns, c->first_ns));
    stats->succeeded += success;
    stats->failed += !success;
    if (passed) {
        stats->status[c->http.status]++;
        return;
    }
    stats->errors[LG_ERR_CHECK]++;
    stats->checks[verdict.kind]++;
    keep(e->slot, c, lg_engine_watch(e, c), verdict);
}

void
lg_record_failure(struct lg_engine *e, const struct lg_conn *c, enum lg_error_class why,
                  uint64_t now_ns)
{
    struct lg_endpoint_stats *stats = stats_of(e, c);
    e->in_flight--;
    if (c->warmup) {
        stats->warmup_failed++;
        return;
    }
    sample(e, c, 0, (uint16_t)(why + 1), now_ns);
    if (why == LG_ERR_TIMEOUT) {
        record_times(stats, c, now_ns);
    }
    stats->errors[why]++;
    stats->failed++;
}

void
lg_record_bytes_sent(struct lg_engine *e, const struct lg_conn *c, size_t n)
{
    if (!c->warmup) {
        stats_of(e, c)->bytes_sent += n;
    }
}

void
lg_record_bytes_received(struct lg_engine *e, const struct lg_conn *c, size_t n)
{
    if (!c->warmup) {
        stats_of(e, c)->bytes_received += n;
    }
}

void
lg_record_followed(struct lg_engine *e, const struct lg_conn *c)
{
    if (!c->warmup) {
        stats_of(e, c)->followed++;
    }
}

void
lg_record_reconnect(struct lg_engine *e, const struct lg_conn *c)
{
    if (!c->warmup) {
        stats_of(e, c)->reconnects++;
    }
}

void
lg_record_surplus(struct lg_engine *e, const struct lg_conn *c)
{
    if (!c->warmup) {
        stats_of(e, c)->surplus++;
    }
}
