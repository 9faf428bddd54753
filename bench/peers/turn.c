// The least that relaying costs on this kernel: what ./parley bench turn shows beside both servers. One thread with the socket that clients come to and a relay socket for
// each client; epoll, recvmmsg, sendto and one sendmmsg a round, and four bytes more or less. It takes every client, asks for no credentials, knows no permissions, lifetimes
// or bounds, and relays ChannelData to the peer that was bound last.
//
// Arguments: "connected" connects each relay socket to its peer, which spares the look-up of the route; "gather N" lets datagrams gather for N microseconds after each
// wake-up; "many" receives and sends single datagrams by recvmmsg and sendmmsg. Standard output: "port N".
#define _GNU_SOURCE
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>
#include "turn_clients.h"

enum { BATCH = 64, SLOT = 2048, EVENTS = 256 };

static int epoll;
static unsigned char in[BATCH][SLOT], out[BATCH][SLOT];
static struct sockaddr_in names[BATCH];
static struct iovec in_parts[BATCH], out_parts[BATCH];
static struct mmsghdr in_messages[BATCH], out_messages[BATCH];
static int waiting, is_connected, uses_many, gather_us;

static void watch(int fd, uint32_t tag) {
    struct epoll_event event = { .events = EPOLLIN, .data.u32 = tag };
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) die("epoll_ctl");
}

static void flush(void) {
    for (int at = 0; at < waiting;) {
        int taken = sendmmsg(listener, out_messages + at, waiting - at, 0);
        if (taken < 0) die("sendmmsg");
        at += taken;
    }
    waiting = 0;
}

static void opened(int number, int fd) {
    watch(fd, number);
}

static void bound(Client *client) {
    if (is_connected && connect(client->fd, (struct sockaddr *)&client->peer, sizeof client->peer)) die("connect");
}

static void from_clients(void) {
    for (int i = 0; i < BATCH; i++) in_messages[i].msg_hdr.msg_namelen = sizeof names[i];
    int count = recvmmsg(listener, in_messages, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++) {
        int length = in_messages[i].msg_len;
        if ((in[i][0] & 0xC0) != 0x40) {
            answer(in[i], length, &names[i]);
            continue;
        }
        int client = by_port[ntohs(names[i].sin_port)], size = in[i][2] << 8 | in[i][3];
        if (!client || size > length - 4) continue;
        Client *known = &clients[client - 1];
        if (is_connected) send(known->fd, in[i] + 4, size, MSG_DONTWAIT);
        else if (uses_many) {
            struct iovec part = { in[i] + 4, size };
            struct mmsghdr message = { .msg_hdr = { .msg_name = &known->peer, .msg_namelen = sizeof known->peer, .msg_iov = &part, .msg_iovlen = 1 } };
            sendmmsg(known->fd, &message, 1, MSG_DONTWAIT);
        } else sendto(known->fd, in[i] + 4, size, MSG_DONTWAIT, (struct sockaddr *)&known->peer, sizeof known->peer);
    }
}

static void to_client(Client *client, unsigned char *room, int size) {
    room[0] = 0x40;
    room[1] = 0;
    room[2] = size >> 8;
    room[3] = size;
    out_parts[waiting].iov_len = size + 4;
    out_messages[waiting].msg_hdr.msg_name = &client->address;
    out_messages[waiting++].msg_hdr.msg_namelen = sizeof client->address;
}

static void from_peer(Client *client) {
    if (uses_many) {
        for (int i = 0; i < BATCH; i++) in_messages[i].msg_hdr.msg_namelen = sizeof names[i];
        int count = recvmmsg(client->fd, in_messages, BATCH, MSG_DONTWAIT, NULL);
        for (int i = 0; i < count; i++) {
            if (waiting == BATCH) flush();
            memcpy(out[waiting] + 4, in[i], in_messages[i].msg_len);
            to_client(client, out[waiting], in_messages[i].msg_len);
        }
        return;
    }
    if (waiting == BATCH) flush();
    int size = recv(client->fd, out[waiting] + 4, SLOT - 4, MSG_DONTWAIT);
    if (size >= 0) to_client(client, out[waiting], size); // level-triggered: what is left is told again
}

int main(int count, char **words) {
    for (int i = 1; i < count; i++) {
        if (!strcmp(words[i], "connected")) is_connected = 1;
        else if (!strcmp(words[i], "many")) uses_many = 1;
        else if (!strcmp(words[i], "gather") && i + 1 < count) gather_us = atoi(words[++i]);
        else errno = EINVAL, die(words[i]);
    }
    prctl(PR_SET_TIMERSLACK, 1000);
    for (int i = 0; i < BATCH; i++) {
        in_parts[i] = (struct iovec){ in[i], SLOT };
        in_messages[i].msg_hdr = (struct msghdr){ .msg_name = &names[i], .msg_namelen = sizeof names[i], .msg_iov = &in_parts[i], .msg_iovlen = 1 };
        out_parts[i] = (struct iovec){ out[i], 0 };
        out_messages[i].msg_hdr = (struct msghdr){ .msg_iov = &out_parts[i], .msg_iovlen = 1 };
    }
    epoll = epoll_create1(0);
    listener = open_socket();
    watch(listener, 0);
    say_port();
    struct epoll_event events[EVENTS];
    for (;;) {
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        if (gather_us) {
            struct timespec while_gathering = { 0, gather_us * 1000L };
            nanosleep(&while_gathering, NULL);
            ready = epoll_wait(epoll, events, EVENTS, 0);
        }
        for (int i = 0; i < ready; i++) {
            if (events[i].data.u32 == 0) from_clients();
            else from_peer(&clients[events[i].data.u32 - 1]);
        }
        flush();
    }
}
