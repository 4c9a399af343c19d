/* libmicrohttpd's epoll loops, and what it does not do itself.
 *
 * Its timeout is one of inactivity: a client that sends a byte now and then stays for ever. So every
 * connection is in a list with the time by which its request has to be whole, and a thread ends those that
 * are late by shutdown(), which the event loop sees as the peer's end. It also looks whether the peer of a
 * suspended connection has hung up, which the event loop does not see. The inactivity timeout remains for
 * answers that nobody reads. */
#include "server/http/daemon.h"
#include "base/clock.h"
#include "base/file.h"
#include "server/http/acceptor.h"
#include "server/http/counters.h"
#include "server/http/dispatch.h"
#include "server/http/listen_socket.h"
#include "server/http/server_log.h"
#include "server/http/stream.h"
#include <errno.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { LOOK_MS = 250, STALL_SECONDS = 60, DESCRIPTORS_SPARE = 1024 };
enum { TRIM_CLOSED = 64, TRIM_MS = 2000 };
/* 16 KiB of headers, each with a record beside it, an address of 8 KiB, and the headers of the answer: 24 KiB
 * already refuse 155 headers of 100 bytes. */
enum { MEMORY_PER_CONNECTION = 32768 };

struct http_daemon {
    struct server *server; /* immutable after open, as are the next three */
    struct MHD_Daemon *mhd;
    struct acceptor *acceptor; /* NULL: no new connections */
    atomic_int open;           /* connections, from accept to close */
    char url[128];
    char *certificate, *key;
    char complaint[512]; /* libmicrohttpd's, while it starts */
    _Atomic bool is_open, is_draining;
    pthread_t keeper;
    bool has_keeper;
    pthread_mutex_t lock; /* clients, their streams, is_stopping, closed */
    pthread_cond_t wake;
    bool is_stopping;
    struct client *clients;
    unsigned closed;       /* connections, since memory was last given back */
    bool is_crowd_leaving; /* the keeper's: many had closed when it was */
};

/* ---- connections ---------------------------------------------------------------------------------- */

static struct client *client_open(struct http_daemon *daemon, struct MHD_Connection *connection) {
    struct client *client = calloc(1, sizeof *client);
    if (!client) return NULL;
    const struct settings *settings = settings_now(daemon->server->settings_source);
    client->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    address_text(client->peer, &client->is_loopback,
                 MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr);
    client->exchange.client = client;
    client->exchange.daemon = daemon;
    client->exchange.request.server = daemon->server;
    atomic_init(&client->deadline_ns, clock_monotonic_ns() + (int64_t)(settings->request_seconds * 1e9));
    unsigned stall_ms = STALL_SECONDS * 1000;
    setsockopt(client->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &stall_ms, sizeof stall_ms);
    counters_connection(daemon->server->counters, 1);
    pthread_mutex_lock(&daemon->lock);
    client->next = daemon->clients;
    client->link = &daemon->clients;
    if (client->next) client->next->link = &client->next;
    daemon->clients = client;
    pthread_mutex_unlock(&daemon->lock);
    return client;
}

static void client_close(struct http_daemon *daemon, struct client *client) {
    if (!client) return;
    pthread_mutex_lock(&daemon->lock);
    *client->link = client->next;
    if (client->next) client->next->link = client->link;
    daemon->closed++;
    pthread_mutex_unlock(&daemon->lock);
    counters_connection(daemon->server->counters, -1);
    exchange_reset(&client->exchange);
    text_clear(&client->exchange.body);
    arena_clear(&client->exchange.request.arena);
    free(client);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode code) {
    struct http_daemon *daemon = context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *socket_context = client_open(daemon, connection);
    } else {
        client_close(daemon, *socket_context);
        atomic_fetch_sub(&daemon->open, 1);
    }
}

void daemon_set_stream(struct http_daemon *daemon, struct client *client, struct stream *stream) {
    pthread_mutex_lock(&daemon->lock);
    client->stream = stream;
    pthread_mutex_unlock(&daemon->lock);
}

bool daemon_is_draining(const struct http_daemon *daemon) {
    return atomic_load_explicit(&daemon->is_draining, memory_order_relaxed);
}

/* ---- the keeper ----------------------------------------------------------------------------------- */

struct watched {
    struct pollfd *fds;
    struct client **clients;
    size_t count, capacity;
};

static bool watch(struct watched *watched, struct client *client) {
    if (watched->count == watched->capacity) {
        size_t capacity = watched->capacity ? watched->capacity * 2 : 64;
        struct pollfd *fds = realloc(watched->fds, capacity * sizeof *fds);
        if (fds) watched->fds = fds;
        struct client **clients = fds ? realloc(watched->clients, capacity * sizeof(void *)) : NULL;
        if (!clients) return false;
        watched->clients = clients;
        watched->capacity = capacity;
    }
    watched->fds[watched->count] = (struct pollfd){.fd = client->fd, .events = POLLRDHUP};
    watched->clients[watched->count++] = client;
    return true;
}

static void cut_off(struct http_daemon *daemon, struct client *client) {
    atomic_store(&client->deadline_ns, 0);
    counters_cut_off(daemon->server->counters);
    shutdown(client->fd, SHUT_RDWR);
}

/* The lock is held: no connection is closed meanwhile. */
static void look(struct http_daemon *daemon, struct watched *watched) {
    int64_t now = clock_monotonic_ns();
    watched->count = 0;
    for (struct client *client = daemon->clients; client; client = client->next) {
        int64_t deadline = atomic_load_explicit(&client->deadline_ns, memory_order_relaxed);
        bool is_working = atomic_load(&client->stage) == STAGE_WORKING;
        if (deadline && now > deadline)
            cut_off(daemon, client);
        else if ((client->stream || is_working) && !atomic_load(&client->is_gone))
            watch(watched, client);
    }
    if (!watched->count || poll(watched->fds, watched->count, 0) <= 0) return;
    for (size_t i = 0; i < watched->count; i++)
        if (watched->fds[i].revents) {
            atomic_store(&watched->clients[i]->is_gone, true);
            if (watched->clients[i]->stream) stream_wake(watched->clients[i]->stream);
        }
}

/* The pools of a crowd's connections lie between blocks that stay: malloc returns them only when asked to. It
 * is asked while a crowd leaves, and once more after its last few have left. The lock is held before and
 * after, but not meanwhile. */
static void give_memory_back(struct http_daemon *daemon, int64_t *last_ns) {
    int64_t now = clock_monotonic_ns();
    unsigned enough = daemon->is_crowd_leaving ? 1 : TRIM_CLOSED;
    if (now - *last_ns < TRIM_MS * INT64_C(1000000)) return;
    bool is_crowd = daemon->closed >= TRIM_CLOSED;
    if (daemon->closed < enough) {
        daemon->is_crowd_leaving = false;
        return;
    }
    daemon->is_crowd_leaving = is_crowd;
    daemon->closed = 0;
    *last_ns = now;
    pthread_mutex_unlock(&daemon->lock);
    malloc_trim(0);
    pthread_mutex_lock(&daemon->lock);
}

static void *keep(void *context) {
    struct http_daemon *daemon = context;
    struct watched watched = {0};
    int64_t last_trim_ns = 0;
    pthread_mutex_lock(&daemon->lock);
    while (!daemon->is_stopping) {
        struct timespec until = clock_in(CLOCK_REALTIME, LOOK_MS);
        pthread_cond_timedwait(&daemon->wake, &daemon->lock, &until);
        look(daemon, &watched);
        give_memory_back(daemon, &last_trim_ns);
    }
    pthread_mutex_unlock(&daemon->lock);
    free(watched.fds);
    free(watched.clients);
    return NULL;
}

/* ---- opening -------------------------------------------------------------------------------------- */

static void on_complaint(void *context, const char *format, va_list arguments) {
    struct http_daemon *daemon = context;
    char message[512];
    vsnprintf(message, sizeof message, format, arguments);
    message[strcspn(message, "\n")] = '\0';
    if (atomic_load(&daemon->is_open))
        server_log(LOG_DEBUG, "http: %s", message);
    else
        memcpy(daemon->complaint, message, sizeof message);
}

static status read_pem(char **out, const char *path, const char *what, struct error *err) {
    size_t length;
    status rc = file_read(out, &length, path, err);
    if (rc != OK) return err ? error_set(err, ERR_INPUT, "%s: %s", what, strdupa(err->message)) : ERR_INPUT;
    if (strstr(*out, "-----BEGIN ")) return OK;
    return error_set(err, ERR_INPUT, "%s: %s is no PEM file (it has no line '-----BEGIN ...')", what, path);
}

static status read_certificate(struct http_daemon *self, const struct settings *settings, struct error *err) {
    if (!settings->tls_certificate && !settings->tls_key) return OK;
    if (!settings->tls_certificate || !settings->tls_key)
        return error_set(err, ERR_INPUT,
                         "TLS needs both a certificate and its key; one of the two is missing");
    status rc = read_pem(&self->certificate, settings->tls_certificate, "TLS certificate", err);
    return rc == OK ? read_pem(&self->key, settings->tls_key, "TLS key", err) : rc;
}

/* As many descriptors as connections and files may need; what the system grants. */
static void raise_descriptors(int connections) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit)) return;
    rlim_t wanted = (rlim_t)connections + DESCRIPTORS_SPARE;
    if (limit.rlim_cur >= wanted) return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < wanted)
        server_log(LOG_WARN, "the system allows %llu open files only (ulimit -n); %d connections need more",
                   (unsigned long long)limit.rlim_cur, connections);
}

static unsigned stall_seconds(const struct settings *settings) {
    unsigned request = (unsigned)settings->request_seconds + 5;
    return request > STALL_SECONDS ? request : STALL_SECONDS;
}

/* The limit of connections is the acceptor's; libmicrohttpd's, which each loop has its share of, is that much
 * for each. */
static struct MHD_Daemon *start(struct http_daemon *self, const struct settings *settings, int family) {
    struct MHD_OptionItem more[4];
    int n = 0;
    if (self->certificate) {
        more[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, self->certificate};
        more[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, self->key};
    }
    if (settings->io_threads > 1)
        more[n++] = (struct MHD_OptionItem){MHD_OPTION_THREAD_POOL_SIZE, settings->io_threads, NULL};
    more[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_TURBO |
                     MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG | (family == AF_INET6 ? MHD_USE_IPv6 : 0U) |
                     (self->certificate ? MHD_USE_TLS : 0U);
    return MHD_start_daemon(flags, 0, NULL, NULL, dispatch_on_request, self, MHD_OPTION_EXTERNAL_LOGGER,
                            on_complaint, self, MHD_OPTION_URI_LOG_CALLBACK, dispatch_on_uri, self,
                            MHD_OPTION_NOTIFY_COMPLETED, dispatch_on_completed, self,
                            MHD_OPTION_NOTIFY_CONNECTION, on_connection, self, MHD_OPTION_CONNECTION_TIMEOUT,
                            stall_seconds(settings), MHD_OPTION_CONNECTION_LIMIT,
                            (unsigned)settings->connections_max * (unsigned)settings->io_threads,
                            MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)settings->connections_per_address,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_PER_CONNECTION,
                            MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_ARRAY, more, MHD_OPTION_END);
}

static void write_url(struct http_daemon *self, const char *address, int port) {
    bool is_v6 = strchr(address, ':') != NULL;
    snprintf(self->url, sizeof self->url, "%s://%s%s%s:%d", self->certificate ? "https" : "http",
             is_v6 ? "[" : "", address, is_v6 ? "]" : "", port);
}

status daemon_open(struct http_daemon **out, struct server *server, struct error *err) {
    const struct settings *settings = settings_now(server->settings_source);
    int fd = -1, family, port;
    struct http_daemon *self = calloc(1, sizeof *self);
    if (!self) return error_set(err, ERR_MEMORY, "out of memory for the server");
    self->server = server;
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->wake, NULL);
    status rc = read_certificate(self, settings, err);
    if (rc == OK) rc = listen_socket_open(&fd, &family, &port, settings->address, settings->port, err);
    if (rc != OK) goto done;
    raise_descriptors(settings->connections_max);
    write_url(self, settings->address, port);
    if (pthread_create(&self->keeper, NULL, keep, self)) {
        rc = error_set(err, ERR_SYSTEM, "a thread of the server cannot be started");
        goto done;
    }
    self->has_keeper = true;
    self->mhd = start(self, settings, family);
    if (!self->mhd) {
        rc = error_set(err, ERR_INPUT, "the server cannot start: %s",
                       self->complaint[0] ? self->complaint : "libmicrohttpd gave no reason");
        goto done;
    }
    rc = acceptor_start(&self->acceptor, self->mhd, fd, (int)settings->io_threads, settings->connections_max,
                        &self->open, err);
    if (rc != OK) goto done;
    fd = -1; /* the acceptor's */
    atomic_store(&self->is_open, true);
    *out = self;
    self = NULL;
done:
    if (fd >= 0) close(fd);
    daemon_close(self);
    return rc;
}

const char *daemon_url(const struct http_daemon *daemon) {
    return daemon->url;
}

/* ---- closing -------------------------------------------------------------------------------------- */

/* Wakes every stream; true if some connection has a request that is not answered yet. */
static bool is_busy(struct http_daemon *daemon) {
    bool busy = false;
    pthread_mutex_lock(&daemon->lock);
    for (struct client *client = daemon->clients; client; client = client->next) {
        int stage = atomic_load(&client->stage);
        busy |= stage == STAGE_WORKING || stage == STAGE_READY || stage == STAGE_QUEUED;
        if (client->stream) stream_wake(client->stream);
    }
    pthread_mutex_unlock(&daemon->lock);
    return busy;
}

void daemon_quiesce(struct http_daemon *daemon) {
    atomic_store(&daemon->is_draining, true);
    acceptor_stop(daemon->acceptor);
    daemon->acceptor = NULL;
    is_busy(daemon);
}

void daemon_drain(struct http_daemon *daemon, double seconds) {
    int64_t end = clock_monotonic_ns() + (int64_t)(seconds * 1e9);
    while (is_busy(daemon) && clock_monotonic_ns() < end)
        usleep(10000);
}

void daemon_close(struct http_daemon *daemon) {
    if (!daemon) return;
    acceptor_stop(daemon->acceptor);
    if (daemon->mhd) MHD_stop_daemon(daemon->mhd);
    pthread_mutex_lock(&daemon->lock);
    daemon->is_stopping = true;
    pthread_cond_signal(&daemon->wake);
    pthread_mutex_unlock(&daemon->lock);
    if (daemon->has_keeper) pthread_join(daemon->keeper, NULL);
    pthread_cond_destroy(&daemon->wake);
    pthread_mutex_destroy(&daemon->lock);
    free(daemon->certificate);
    free(daemon->key);
    free(daemon);
}
