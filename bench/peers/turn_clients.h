// What the two programs turn.c and turn_uring.c share: who came, what they want, and saying yes to it. Each says what it does with a new relay socket and with a new peer.
#pragma once
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { MAX_CLIENTS = 4096 };

typedef struct {
    struct sockaddr_in address, peer;
    int fd;
} Client;

static Client clients[MAX_CLIENTS]; // client n is clients[n - 1]
static int by_port[65536]; // all clients have one address: a port is enough to tell them apart
static int client_count, listener;

static void opened(int number, int fd);
static void bound(Client *client);

static void die(const char *what) {
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
    exit(1);
}

static int open_socket(void) {
    struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), bytes = 1 << 20;
    if (fd < 0) die("socket");
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes);
    if (bind(fd, (struct sockaddr *)&any, sizeof any)) die("bind");
    return fd;
}

// Says yes to every request; an allocation gets its socket, a channel its peer (RFC 8489 section 5, RFC 8656 section 12).
static void answer(unsigned char *request, int length, const struct sockaddr_in *from) {
    int port = ntohs(from->sin_port);
    if (length < 20 || (request[0] & 1) || (request[1] & 0x10)) return;
    if (!by_port[port]) {
        if (client_count == MAX_CLIENTS - 1) return; // one is the listener
        Client *made = &clients[client_count++];
        made->address = *from;
        made->fd = open_socket();
        by_port[port] = client_count;
        opened(client_count, made->fd);
    }
    Client *client = &clients[by_port[port] - 1];
    for (int at = 20; at + 4 <= length;) {
        int type = request[at] << 8 | request[at + 1], size = request[at + 2] << 8 | request[at + 3];
        if (type == 0x0012 && size == 8) {
            uint32_t address;
            memcpy(&address, request + at + 8, 4);
            client->peer.sin_family = AF_INET;
            client->peer.sin_port = htons((request[at + 6] << 8 | request[at + 7]) ^ 0x2112);
            client->peer.sin_addr.s_addr = address ^ htonl(0x2112A442);
            bound(client);
        }
        at += 4 + ((size + 3) & ~3);
    }
    request[0] |= 1;
    request[2] = request[3] = 0;
    sendto(listener, request, 20, 0, (const struct sockaddr *)from, sizeof *from);
}

static void say_port(void) {
    struct sockaddr_in name;
    socklen_t length = sizeof name;
    getsockname(listener, (struct sockaddr *)&name, &length);
    printf("port %d\n", ntohs(name.sin_port));
    fflush(stdout);
}
