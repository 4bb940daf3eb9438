/* A load for Socket.IO servers: many WebSocket clients in one thread, doing as little as can be for each.
 *
 *   load MODE HOST PORT CLIENTS SECONDS [name=value ...]
 *
 * MODE is fanout (speakers keep `window` messages under way each, or send at `rate` a second), echo (every client keeps one
 * request under way), connect (sign in, join, leave, again), idle (connect and stay), resume (as connect, once each, timing the
 * answer to the join). Values:
 *   auth=FILE    one line for each client: what follows 40 in its CONNECT packet
 *   join=TEXT    an event to be acknowledged after CONNECT, e.g. ["join","room"]; {I} is the client's number
 *   joins=FILE   as join, one line for each client
 *   say=TEXT     the event that is sent; {T} is the time, {N} a number, {R} a room id taken from the answer to join
 *   mark=TEXT    how a delivery begins; what is counted
 *   speakers=N window=N rate=N sample=N
 *   other_port=N where every second client connects
 * Prints one line of JSON. Needs Linux.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum stage { CLOSED, DIALING, HANDSHAKE, OPENING, CONNECTING, JOINING, READY };

struct client {
    int fd, number;
    enum stage stage;
    char *in;
    size_t have, room;
    long asked;      /* when the request under way was sent, ns */
    int under_way;
    char room_id[64];
};

static struct client *clients;
static int count, epoll, speakers = 1, window = 4, sample = 50, ready, failed, at_once = 64, next_to_dial;
static double rate;
static const char *mode, *say = "[\"say\",\"{T}\"]", *mark = "42[\"said\"", *join_text;
static char **auths, **joins;
static int auth_lines, join_lines;
static struct sockaddr_in address;
static long deliveries, acks, joined, begun, measured_from, sent_messages, next_number;
static long histogram[64 * 64], samples, join_ns_most;
static const char *host;
static int measuring, port, other_port;

static long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000L + t.tv_nsec;
}

static double cpu(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void die(const char *format, ...) {
    va_list list;
    va_start(list, format);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    exit(2);
}

/* Buckets of a sixty-fourth of a power of two, in microseconds. */
static void note(long ns) {
    long us = ns / 1000, b;
    if (us < 64) b = us < 0 ? 0 : us;
    else {
        int top = 63 - __builtin_clzl(us);
        b = (top - 5) * 64 + ((us >> (top - 6)) & 63);
    }
    if (b >= 64 * 64) b = 64 * 64 - 1;
    histogram[b]++;
    samples++;
}

static double percentile(double p) {
    long want = (long)(samples * p), seen = 0;
    for (int b = 0; b < 64 * 64; b++) {
        seen += histogram[b];
        if (seen > want) {
            if (b < 64) return b;
            int top = b / 64 + 5;
            return (1L << top) + ((long)(b % 64) << (top - 6));
        }
    }
    return 0;
}

static void put(struct client *c, const char *data, size_t size) {
    while (size) {
        ssize_t n = send(c->fd, data, size, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno == EAGAIN) { usleep(50); continue; }
            failed++;
            return;
        }
        data += n;
        size -= n;
    }
}

/* A masked text frame, with a mask of zeros. */
static void text(struct client *c, const char *body) {
    static char frame[70000];
    size_t n = strlen(body), h;
    frame[0] = (char)0x81;
    if (n < 126) { frame[1] = (char)(0x80 | n); h = 2; }
    else { frame[1] = (char)(0x80 | 126); frame[2] = n >> 8; frame[3] = n & 255; h = 4; }
    memset(frame + h, 0, 4);
    memcpy(frame + h + 4, body, n);
    put(c, frame, h + 4 + n);
}

static void fill(char *out, const char *form, struct client *c, long at) {
    for (; *form; form++) {
        if (form[0] == '{' && form[1] && form[2] == '}') {
            if (form[1] == 'T') { out += sprintf(out, "%019ld", at); form += 2; continue; }
            if (form[1] == 'N') { out += sprintf(out, "%ld", ++next_number); form += 2; continue; }
            if (form[1] == 'I') { out += sprintf(out, "%d", c->number); form += 2; continue; }
            if (form[1] == 'R') { out += sprintf(out, "%s", c->room_id); form += 2; continue; }
        }
        *out++ = *form;
    }
    *out = 0;
}

static void speak(struct client *c) {
    static char body[8192];
    c->asked = now();
    c->under_way++;
    sent_messages++;
    int n = sprintf(body, "42%d", 7);
    fill(body + n, say, c, c->asked);
    text(c, body);
}

static void dial(struct client *c) {
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (c->fd < 0) die("socket: %s", strerror(errno));
    int one = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->stage = DIALING;
    c->have = 0;
    c->under_way = 0;
    address.sin_port = htons(other_port && c->number % 2 ? other_port : port);
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) die("connect: %s", strerror(errno));
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
    epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &e);
}

static void hang_up(struct client *c) {
    struct linger now_ = {1, 0}; /* no TIME_WAIT: ports are not the limit */
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now_, sizeof now_);
    close(c->fd);
    c->stage = CLOSED;
}

static void become_ready(struct client *c) {
    c->stage = READY;
    ready++;
    joined++;
    if (join_ns_most < now() - c->asked) join_ns_most = now() - c->asked;
    if (!strcmp(mode, "connect")) {
        hang_up(c);
        dial(c);
    } else if (next_to_dial < count) dial(&clients[next_to_dial++]);
}

static void join(struct client *c) {
    static char body[70000];
    const char *form = join_lines ? joins[c->number % join_lines] : join_text;
    if (!form) { become_ready(c); return; }
    c->stage = JOINING;
    c->asked = now();
    int n = sprintf(body, "420");
    fill(body + n, form, c, c->asked);
    text(c, body);
}

static void packet(struct client *c, char *p, size_t n) {
    static size_t mark_size;
    if (!mark_size) mark_size = strlen(mark);
    if (n > mark_size && !memcmp(p, mark, mark_size)) {
        deliveries += measuring;
        if (sample && c->number % sample == 0 && measuring && c->stage == READY) {
            char *t = memmem(p, n, "T:", 2);
            if (t && n - (t - p) > 21) {
                char digits[20];
                memcpy(digits, t + 2, 19);
                digits[19] = 0;
                long sent = atol(digits);
                if (sent >= measured_from) note(now() - sent);
            }
        }
        return;
    }
    if (n == 1 && p[0] == '2') { text(c, "3"); return; }
    if (c->stage == OPENING && p[0] == '0') {
        static char body[70000];
        sprintf(body, "40%s", auth_lines ? auths[c->number % auth_lines] : "");
        c->stage = CONNECTING;
        text(c, body);
    } else if (c->stage == CONNECTING && n > 2 && p[0] == '4' && p[1] == '0') join(c);
    else if (n > 1 && p[0] == '4' && p[1] == '4') { failed++; if (failed < 4) fprintf(stderr, "%.*s\n", (int)n, p); }
    else if (n > 3 && p[0] == '4' && p[1] == '3') {
        if (c->stage == JOINING) {
            char *r = memmem(p, n, "\"room_", 6);
            if (r) for (int i = 0; i < 63 && r[1 + i] != '"'; i++) { c->room_id[i] = r[1 + i]; c->room_id[i + 1] = 0; }
            if (memmem(p, n, "\"ok\":false", 10)) { failed++; if (failed < 4) fprintf(stderr, "%.*s\n", (int)(n < 400 ? n : 400), p); }
            become_ready(c);
        } else if (c->stage == READY) {
            acks += measuring;
            c->under_way--;
            if (!strcmp(mode, "echo")) {
                if (measuring && c->number % (sample ? sample : 1) == 0) note(now() - c->asked);
                speak(c);
            } else if (!strcmp(mode, "fanout") && rate == 0 && c->number < speakers && measuring) {
                if (memmem(p, n, "\"ok\":false", 10)) { failed++; if (failed < 4) fprintf(stderr, "%.*s\n", (int)(n < 400 ? n : 400), p); }
                while (c->under_way < window) speak(c);
            }
        }
    }
}

static void frames(struct client *c) {
    size_t at = 0;
    while (c->stage > HANDSHAKE && c->have - at >= 2) {
        unsigned char *p = (unsigned char *)c->in + at;
        size_t n = p[1] & 127, h = 2;
        if (n == 126) { if (c->have - at < 4) break; n = p[2] << 8 | p[3]; h = 4; }
        else if (n == 127) { if (c->have - at < 10) break; n = 0; for (int i = 2; i < 10; i++) n = n << 8 | p[i]; h = 10; }
        if (c->have - at < h + n) break;
        if ((p[0] & 15) == 1) packet(c, (char *)p + h, n);
        else if ((p[0] & 15) == 8) { failed++; hang_up(c); return; }
        at += h + n;
        if (c->have == 0) return; /* dialled again meanwhile */
    }
    if (at) { memmove(c->in, c->in + at, c->have - at); c->have -= at; }
}

static void readable(struct client *c) {
    for (;;) {
        if (c->room - c->have < 4096) {
            c->room = c->room ? c->room * 2 : 8192;
            c->in = realloc(c->in, c->room);
        }
        ssize_t n = recv(c->fd, c->in + c->have, c->room - c->have, 0);
        if (n <= 0) {
            if (n < 0 && errno == EAGAIN) return;
            failed++;
            if (c->stage != CLOSED) close(c->fd);
            c->stage = CLOSED;
            return;
        }
        c->have += n;
        if (c->stage == HANDSHAKE) {
            char *end = memmem(c->in, c->have, "\r\n\r\n", 4);
            if (!end) return;
            if (memcmp(c->in + 9, "101", 3)) die("refused: %.*s", (int)(c->have < 300 ? c->have : 300), c->in);
            size_t used = end + 4 - c->in;
            memmove(c->in, c->in + used, c->have - used);
            c->have -= used;
            c->stage = OPENING;
        }
        int fd = c->fd;
        frames(c);
        if (c->stage == CLOSED || c->fd != fd || c->stage == DIALING) return;
        if ((size_t)n < c->room / 4) return;
    }
}

static void turn(int timeout) {
    struct epoll_event events[512];
    int n = epoll_wait(epoll, events, 512, timeout);
    for (int i = 0; i < n; i++) {
        struct client *c = events[i].data.ptr;
        if (c->stage == CLOSED) continue;
        if (c->stage == DIALING) {
            if (!(events[i].events & EPOLLOUT)) continue;
            struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
            epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &e);
            char request[512];
            int size = sprintf(request,
                "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n", host, port);
            c->stage = HANDSHAKE;
            put(c, request, size);
            continue;
        }
        readable(c);
    }
}

static char **lines(const char *name, int *n) {
    FILE *f = fopen(name, "r");
    if (!f) die("%s: %s", name, strerror(errno));
    char **all = NULL, *line = NULL;
    size_t room = 0;
    ssize_t size;
    while ((size = getline(&line, &room, f)) > 0) {
        if (line[size - 1] == '\n') line[size - 1] = 0;
        all = realloc(all, sizeof *all * (*n + 1));
        all[(*n)++] = strdup(line);
    }
    fclose(f);
    return all;
}

int main(int argc, char **argv) {
    if (argc < 6) die("load MODE HOST PORT CLIENTS SECONDS [name=value ...]");
    mode = argv[1]; host = argv[2]; port = atoi(argv[3]); count = atoi(argv[4]);
    double seconds = atof(argv[5]), warm = 1;
    for (int i = 6; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (!value) die("%s?", argv[i]);
        *value++ = 0;
        char *name = argv[i];
        if (!strcmp(name, "auth")) auths = lines(value, &auth_lines);
        else if (!strcmp(name, "joins")) joins = lines(value, &join_lines);
        else if (!strcmp(name, "join")) join_text = value;
        else if (!strcmp(name, "say")) say = value;
        else if (!strcmp(name, "mark")) mark = value;
        else if (!strcmp(name, "speakers")) speakers = atoi(value);
        else if (!strcmp(name, "window")) window = atoi(value);
        else if (!strcmp(name, "rate")) rate = atof(value);
        else if (!strcmp(name, "sample")) sample = atoi(value);
        else if (!strcmp(name, "at_once")) at_once = atoi(value);
        else if (!strcmp(name, "other_port")) other_port = atoi(value);
        else if (!strcmp(name, "warm")) warm = atof(value);
        else die("%s?", name);
    }
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, host, &address.sin_addr);
    epoll = epoll_create1(0);
    clients = calloc(count, sizeof *clients);
    for (int i = 0; i < count; i++) clients[i].number = i;
    begun = now();
    int is_connect = !strcmp(mode, "connect");
    for (next_to_dial = 0; next_to_dial < count && (is_connect || next_to_dial < at_once);) dial(&clients[next_to_dial++]);
    if (is_connect) {
        while (now() - begun < 1e9) turn(10);
        joined = 0;
        failed = 0;
    } else
        while (ready < count) {
            turn(100);
            if (now() - begun > 300e9) die("only %d of %d are ready, %d failed", ready, count, failed);
        }
    double all_ready = (now() - begun) / 1e9;
    fprintf(stderr, "ready\n");
    if (!strcmp(mode, "idle")) {
        printf("{\"ready_seconds\":%.3f,\"failed\":%d}\n", all_ready, failed);
        fflush(stdout);
    }
    /* Speakers begin; what is counted begins a little later. */
    int is_fanout = !strcmp(mode, "fanout"), is_echo = !strcmp(mode, "echo");
    measuring = 1;
    measured_from = now();
    if (is_echo) for (int i = 0; i < count; i++) speak(&clients[i]);
    if (is_fanout && rate == 0) for (int i = 0; i < speakers; i++) while (clients[i].under_way < window) speak(&clients[i]);
    long from = now(), spoken = 0;
    if (is_fanout || is_echo) {
        while (now() - from < warm * 1e9) {
            if (is_fanout && rate > 0) while (spoken < (now() - from) / 1e9 * rate) speak(&clients[spoken++ % speakers]);
            turn(1);
        }
        deliveries = acks = samples = spoken = 0;
        memset(histogram, 0, sizeof histogram);
    }
    from = measured_from = now();
    double cpu_from = cpu();
    while (now() - from < seconds * 1e9) {
        if (is_fanout && rate > 0) while (spoken < (now() - from) / 1e9 * rate) speak(&clients[spoken++ % speakers]);
        turn(is_fanout && rate > 0 ? 1 : 10);
        if (!strcmp(mode, "resume")) break;
    }
    double took = (now() - from) / 1e9, used = cpu() - cpu_from;
    if (strcmp(mode, "idle"))
        printf("{\"deliveries_per_s\":%.1f,\"acks_per_s\":%.1f,\"joined_per_s\":%.1f,\"p50_us\":%.0f,\"p99_us\":%.0f,\"samples\":%ld,"
               "\"cpu\":%.3f,\"failed\":%d,\"ready_seconds\":%.3f,\"seconds\":%.3f,\"slowest_join_ms\":%.1f}\n",
               deliveries / took, acks / took, joined / took, percentile(.5), percentile(.99), samples, used / took, failed, all_ready,
               took, join_ns_most / 1e6);
    return 0;
}
