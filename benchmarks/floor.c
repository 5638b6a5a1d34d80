/* floor.c: what does one keep-alive GET cost when nobody measures anything?
 *
 * The limit that the kernel sets: a bare epoll loop that sends a request, counts the bytes
 * of the answer, and sends the next. It learns the answer's length once, from a first
 * exchange, and parses nothing afterwards; so the server's answers must all be as long.
 *
 *   floor ADDRESS PORT CONNECTIONS SECONDS      (an IPv4 address)
 *
 * Prints one line of JSON: requests, seconds, user_s, sys_s.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 512
#define BUFFER_BYTES 65536

struct connection {
    int fd;
    size_t received; /* bytes of the answer at hand */
};

static char request[256];
static size_t request_bytes;
static char buffer[BUFFER_BYTES];

static void
die(const char *what)
{
    fprintf(stderr, "floor: %s: %s\n", what, errno ? strerror(errno) : "unexpected answer");
    exit(1);
}

static double
seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double
seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static int
connect_to(const struct sockaddr_in *address)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1;
    if (fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof *address) ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on)) {
        die("connect");
    }
    return fd;
}

static void
ask(const struct connection *c)
{
    if (send(c->fd, request, request_bytes, MSG_NOSIGNAL) != (ssize_t)request_bytes) {
        die("send");
    }
}

/* The length of the server's answer: header, and a body of Content-Length. */
static size_t
learn_answer_bytes(const struct sockaddr_in *address)
{
    static const char field[] = "\r\nContent-Length: ";
    struct connection c = {.fd = connect_to(address)};
    ask(&c);
    for (;;) {
        ssize_t n = recv(c.fd, buffer + c.received, BUFFER_BYTES - 1 - c.received, 0);
        if (n <= 0) {
            die("first answer");
        }
        c.received += (size_t)n;
        buffer[c.received] = '\0';
        const char *end = strstr(buffer, "\r\n\r\n");
        const char *length = strstr(buffer, field);
        if (end && length) {
            close(c.fd);
            size_t body_bytes = strtoul(length + sizeof field - 1, NULL, 10);
            return (size_t)(end + 4 - buffer) + body_bytes;
        }
    }
}

/* One event: takes what came; true when that completes an answer. */
static bool
take(struct connection *c, size_t answer_bytes)
{
    ssize_t n = recv(c->fd, buffer, BUFFER_BYTES, 0);
    if (n <= 0) {
        die("recv");
    }
    c->received += (size_t)n;
    if (c->received > answer_bytes) {
        errno = 0;
        die("recv");
    }
    return c->received == answer_bytes;
}

static unsigned long
serve(int epoll, size_t answer_bytes, double until)
{
    static struct epoll_event events[BATCH];
    unsigned long requests = 0;
    while (seconds_now() < until) {
        int ready = epoll_wait(epoll, events, BATCH, 100);
        for (int i = 0; i < ready; i++) {
            struct connection *c = events[i].data.ptr;
            if (take(c, answer_bytes)) {
                requests++;
                c->received = 0;
                ask(c);
            }
        }
    }
    return requests;
}

int
main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: floor ADDRESS PORT CONNECTIONS SECONDS\n");
        return 2;
    }
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((unsigned short)strtoul(argv[2], NULL, 10)),
    };
    size_t count = strtoul(argv[3], NULL, 10);
    double seconds = strtod(argv[4], NULL);
    if (inet_pton(AF_INET, argv[1], &address.sin_addr) != 1 || !count || seconds <= 0) {
        fprintf(stderr, "floor: an argument is out of range\n");
        return 2;
    }
    request_bytes = (size_t)snprintf(
        request, sizeof request, "GET / HTTP/1.1\r\nHost: %s:%s\r\n\r\n", argv[1], argv[2]);
    size_t answer_bytes = learn_answer_bytes(&address);

    int epoll = epoll_create1(0);
    struct connection *connections = calloc(count, sizeof *connections);
    if (epoll < 0 || !connections) {
        die("start");
    }
    for (size_t i = 0; i < count; i++) {
        struct connection *c = &connections[i];
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        c->fd = connect_to(&address);
        if (fcntl(c->fd, F_SETFL, O_NONBLOCK) ||
            epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event)) {
            die("start");
        }
        ask(c);
    }

    double start = seconds_now();
    unsigned long requests = serve(epoll, answer_bytes, start + seconds);
    double elapsed = seconds_now() - start;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"requests\": %lu, \"seconds\": %.6f, \"user_s\": %.6f, \"sys_s\": %.6f}\n",
           requests, elapsed, seconds_of(usage.ru_utime), seconds_of(usage.ru_stime));
    free(connections);
    return 0;
}
