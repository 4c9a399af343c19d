/* stream.c over a real libmicrohttpd daemon: a wake-up at any moment reaches the reader. What stream.c asks
 * of the rest of the server is answered here. */
#include "server/http/counters.h"
#include "server/http/exchange.h"
#include "server/http/stream.h"
#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TOTAL = 30000, CLIENTS = 4 };

int counters_stream(struct counters *counters, int change) {
    (void)counters;
    return change;
}

static _Atomic bool is_draining;

bool daemon_is_draining(const struct http_daemon *daemon) {
    (void)daemon;
    return is_draining;
}

void daemon_set_stream(struct http_daemon *daemon, struct client *client, struct stream *stream) {
    (void)daemon;
    client->stream = stream;
}

/* One answer: bytes published by a thread, one by one. */
struct feed {
    struct client client;
    pthread_t producer;
    pthread_mutex_t lock; /* stream */
    struct stream *stream;
    _Atomic int published, sent, ended;
    bool pauses;
};

static long read_feed(void *context, char *buffer, size_t max) {
    struct feed *feed = context;
    size_t ready = (size_t)(feed->published - feed->sent);
    if (ready > max) ready = max;
    if (!ready) {
        bool is_over = feed->sent == TOTAL;
        for (volatile int spin = 2000; spin && !is_over;
             spin--) /* time for a wake-up between this and sleep */
            ;
        return is_over ? -1 : 0;
    }
    memset(buffer, 'x', ready);
    feed->sent += (int)ready;
    return (long)ready;
}

static void end_feed(void *context) {
    struct feed *feed = context;
    pthread_mutex_lock(&feed->lock);
    feed->stream = NULL;
    feed->ended++;
    pthread_mutex_unlock(&feed->lock);
}

static void *produce(void *context) {
    struct feed *feed = context;
    for (unsigned i = 0, dice = 1; i < TOTAL; i++) {
        dice = dice * 1103515245U + 12345U;
        if (feed->pauses && dice >> 16 & 1)
            for (volatile unsigned spin = dice >> 18; spin; spin--)
                ;
        feed->published++;
        pthread_mutex_lock(&feed->lock);
        if (feed->stream) stream_wake(feed->stream);
        pthread_mutex_unlock(&feed->lock);
        while (feed->sent < feed->published && !is_draining) /* no later wake-up makes up for this one */
            sched_yield();
    }
    return NULL;
}

static struct feed feeds[CLIENTS];
static _Atomic int next_feed;

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data, size_t *length,
                              void **request) {
    static int seen;
    (void)context, (void)url, (void)method, (void)version, (void)data, (void)length;
    if (!*request) {
        *request = &seen;
        return MHD_YES;
    }
    struct feed *feed = &feeds[next_feed++];
    struct exchange *x = &feed->client.exchange;
    const struct stream_source source = {feed, read_feed, end_feed};
    x->client = &feed->client;
    x->request.connection = connection;
    pthread_mutex_lock(&feed->lock);
    status rc = request_stream(&feed->stream, &x->request, "text/plain", &source, NULL);
    pthread_mutex_unlock(&feed->lock);
    if (rc != OK) return MHD_NO;
    enum MHD_Result queued = MHD_queue_response(connection, 200, x->request.response.raw);
    MHD_destroy_response(x->request.response.raw);
    if (TOTAL > feed->published) pthread_create(&feed->producer, NULL, produce, feed);
    return queued;
}

static int connect_to(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct timeval patience = {.tv_sec = 20};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&address, sizeof address)) fail_msg("no connection");
    static const char request[] = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert_int_equal(write(fd, request, strlen(request)), strlen(request));
    return fd;
}

/* Bytes of the body; -1: the server fell silent. */
static int read_all(int fd) {
    char buffer[4096];
    int count = 0;
    for (;;) {
        ssize_t length = read(fd, buffer, sizeof buffer);
        if (length < 0) return -1;
        if (length == 0) return count;
        for (ssize_t i = 0; i < length; i++)
            count += buffer[i] == 'x' && !(i && buffer[i - 1] == 'e'); /* not the "ex" of a header */
    }
}

static struct MHD_Daemon *start(int *port) {
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_TURBO, 0, NULL, NULL,
        answer, NULL, MHD_OPTION_THREAD_POOL_SIZE, 2U, MHD_OPTION_END);
    assert_non_null(daemon);
    *port = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    memset(feeds, 0, sizeof feeds);
    next_feed = 0;
    is_draining = false;
    for (int i = 0; i < CLIENTS; i++) {
        pthread_mutex_init(&feeds[i].lock, NULL);
        feeds[i].pauses = i % 2;
    }
    return daemon;
}

static void no_wake_up_is_lost(void **state) {
    (void)state;
    int port, fds[CLIENTS];
    struct MHD_Daemon *daemon = start(&port);
    for (int i = 0; i < CLIENTS; i++)
        fds[i] = connect_to(port);
    int received[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
        received[i] = read_all(fds[i]);
        close(fds[i]);
    }
    is_draining = true; /* a stream that still sleeps ends, and with it its producer */
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(feeds[i].producer, NULL);
    MHD_stop_daemon(daemon);
    for (int i = 0; i < CLIENTS; i++) {
        assert_int_equal(received[i], TOTAL);
        assert_int_equal(feeds[i].ended, 1);
    }
}

static void a_sleeping_stream_ends_when_the_server_drains(void **state) {
    (void)state;
    int port;
    struct MHD_Daemon *daemon = start(&port);
    feeds[0].sent = TOTAL + 1; /* nothing to send, no producer */
    feeds[0].published = TOTAL + 1;
    int fd = connect_to(port);
    usleep(100000);
    assert_int_equal(feeds[0].ended, 0);
    is_draining = true;
    pthread_mutex_lock(&feeds[0].lock);
    stream_wake(feeds[0].stream);
    pthread_mutex_unlock(&feeds[0].lock);
    assert_int_equal(read_all(fd), 0);
    close(fd);
    MHD_stop_daemon(daemon);
    assert_int_equal(feeds[0].ended, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_wake_up_is_lost),
        cmocka_unit_test(a_sleeping_stream_ends_when_the_server_drains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
