/* What a Socket.IO server cannot be faster than: one thread that answers just enough of the protocol for load.c, and for each
 * message sends the same bytes to everybody, doing nothing but send(). Usage: limit PORT. Needs Linux. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

struct peer {
    int fd, shaken;
    size_t have;
    char in[16384];
};

static struct peer *peers[65536];
static int members[65536], count;

static void put(int fd, const char *data, size_t size) {
    while (size) {
        ssize_t n = send(fd, data, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) { usleep(20); continue; }
        if (n < 0) return;
        data += n;
        size -= n;
    }
}

static size_t frame(char *out, const char *body, size_t n) {
    size_t h = 2;
    out[0] = (char)0x81;
    if (n < 126) out[1] = n;
    else { out[1] = 126; out[2] = n >> 8; out[3] = n & 255; h = 4; }
    memcpy(out + h, body, n);
    return h + n;
}

static void answer(int fd, const char *body, size_t n) {
    static char out[20000];
    put(fd, out, frame(out, body, n));
}

static void packet(struct peer *p, char *body, size_t n) {
    if (n >= 2 && !memcmp(body, "40", 2)) answer(p->fd, "40{\"sid\":\"x\"}", 13);
    else if (n >= 3 && !memcmp(body, "420", 3)) {
        members[count++] = p->fd;
        answer(p->fd, "430[\"ok\"]", 9);
    } else if (n > 9 && !memcmp(body, "427[\"say\"", 9)) {
        static char said[20000], out[20000];
        int size = sprintf(said, "42[\"said\"%.*s", (int)(n - 9), body + 9);
        size_t all = frame(out, said, size);
        for (int i = 0; i < count; i++) put(members[i], out, all);
        answer(p->fd, "437[\"ok\"]", 9);
    } else if (n > 4 && !memcmp(body, "427[\"echo\",", 11)) {
        static char said[20000];
        int size = sprintf(said, "437[%.*s", (int)(n - 11), body + 11);
        answer(p->fd, said, size);
    }
}

static int readable(struct peer *p) {
    ssize_t got = recv(p->fd, p->in + p->have, sizeof p->in - p->have, 0);
    if (got <= 0) return got < 0 && errno == EAGAIN;
    p->have += got;
    if (!p->shaken) {
        if (!memmem(p->in, p->have, "\r\n\r\n", 4)) return 1;
        static const char hello[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
        put(p->fd, hello, sizeof hello - 1);
        answer(p->fd, "0{\"sid\":\"x\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000}", 68);
        p->shaken = 1;
        p->have = 0;
        return 1;
    }
    size_t at = 0;
    while (p->have - at >= 6) {
        unsigned char *f = (unsigned char *)p->in + at;
        size_t n = f[1] & 127, h = 6;
        if (n == 126) { n = f[2] << 8 | f[3]; h = 8; }
        if (p->have - at < h + n) break;
        packet(p, (char *)f + h, n);
        at += h + n;
    }
    memmove(p->in, p->in + at, p->have - at);
    p->have -= at;
    return 1;
}

int main(int argc, char **argv) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1, epoll = epoll_create1(0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(argc > 1 ? atoi(argv[1]) : 3000), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr *)&a, sizeof a) || listen(listener, 4096)) return 1;
    struct epoll_event e = {.events = EPOLLIN, .data.fd = listener}, events[512];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &e);
    for (;;) {
        int n = epoll_wait(epoll, events, 512, -1);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
                if (fd < 0) continue;
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                peers[fd] = calloc(1, sizeof *peers[fd]);
                peers[fd]->fd = fd;
                e = (struct epoll_event){.events = EPOLLIN, .data.fd = fd};
                epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
            } else if (!readable(peers[fd])) {
                for (int m = 0; m < count; m++) if (members[m] == fd) members[m] = members[--count];
                close(fd);
                free(peers[fd]);
                peers[fd] = NULL;
            }
        }
    }
}
