// bench/peers/turn.c once more, by io_uring: one system call a round, which hands in all sends and waits; receives are armed once for each socket and give their datagrams
// to provided buffers, from where they are sent on in place; sockets are fixed files. Nothing is received or sent by a call of its own.
//
// No argument; standard output: "port N".
#define _GNU_SOURCE
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "turn_clients.h"

enum { SLOT = 2048, BUFFERS = 1024, SENDS = 512, EVENTS = 4096, GROUP = 1 };

static int ring;
static unsigned *head, *tail, *mask, *array, *event_head, *event_tail, *event_mask, at, pending;
static struct io_uring_sqe *entries;
static struct io_uring_cqe *events;
static struct io_uring_buf_ring *free_buffers;
static unsigned char *buffers;
static unsigned short free_tail;
static int used[EVENTS], used_count; // buffers that go back once what is sent from them has been handed in
static struct msghdr wanted = { .msg_namelen = sizeof(struct sockaddr_in) };

static void enter(unsigned wait) {
    __atomic_store_n(tail, at, __ATOMIC_RELEASE);
    int taken = syscall(__NR_io_uring_enter, ring, pending, wait, wait ? IORING_ENTER_GETEVENTS : 0, NULL, 0);
    if (taken < 0 && errno != EINTR) die("io_uring_enter");
    pending = at - __atomic_load_n(head, __ATOMIC_ACQUIRE);
}

static struct io_uring_sqe *next_entry(void) {
    while (pending == SENDS) enter(0);
    unsigned index = at++ & *mask;
    array[index] = index;
    pending++;
    return memset(&entries[index], 0, sizeof entries[index]);
}

static void give_back(void) {
    for (int i = 0; i < used_count; i++) {
        struct io_uring_buf *buffer = &free_buffers->bufs[free_tail++ & (BUFFERS - 1)];
        *buffer = (struct io_uring_buf){ .addr = (uintptr_t)(buffers + (size_t)used[i] * SLOT), .len = SLOT, .bid = used[i], .resv = buffer->resv };
    }
    __atomic_store_n(&free_buffers->tail, free_tail, __ATOMIC_RELEASE);
    used_count = 0;
}

// Slot 0 is the listener, slot n client n's relay socket.
static void receive(int slot) {
    struct io_uring_sqe *entry = next_entry();
    entry->opcode = IORING_OP_RECVMSG;
    entry->fd = slot;
    entry->flags = IOSQE_FIXED_FILE | IOSQE_BUFFER_SELECT;
    entry->ioprio = IORING_RECV_MULTISHOT;
    entry->addr = (uintptr_t)&wanted;
    entry->len = 1;
    entry->buf_group = GROUP;
    entry->user_data = slot + 1;
}

static void put(int slot, void *bytes, int length, struct sockaddr_in *to) {
    struct io_uring_sqe *entry = next_entry();
    entry->opcode = IORING_OP_SEND;
    entry->fd = slot;
    entry->flags = IOSQE_FIXED_FILE | IOSQE_CQE_SKIP_SUCCESS;
    entry->addr = (uintptr_t)bytes;
    entry->len = length;
    entry->msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    entry->addr2 = (uintptr_t)to;
    entry->addr_len = sizeof *to;
}

static void keep(int slot, int fd) {
    struct io_uring_files_update update = { .offset = slot, .fds = (uintptr_t)&fd };
    if (syscall(__NR_io_uring_register, ring, IORING_REGISTER_FILES_UPDATE, &update, 1) != 1) die("IORING_REGISTER_FILES_UPDATE");
}

static void opened(int number, int fd) {
    keep(number, fd);
    receive(number);
}

static void bound(Client *client) {
    (void)client;
}

static void received(int slot, unsigned char *buffer) {
    struct io_uring_recvmsg_out *out = (struct io_uring_recvmsg_out *)buffer;
    struct sockaddr_in *from = (struct sockaddr_in *)(out + 1);
    unsigned char *data = (unsigned char *)(from + 1);
    int length = out->payloadlen;
    if (slot > 0) {
        data -= 4; // over the end of the address, which nobody needs
        data[0] = 0x40;
        data[1] = 0;
        data[2] = length >> 8;
        data[3] = length;
        put(0, data, length + 4, &clients[slot - 1].address);
        return;
    }
    if ((data[0] & 0xC0) != 0x40) {
        answer(data, length, from);
        return;
    }
    int client = by_port[ntohs(from->sin_port)], size = data[2] << 8 | data[3];
    if (client && size <= length - 4) put(client, data + 4, size, &clients[client - 1].peer);
}

static void *map(size_t size, int flags, int fd, off_t offset) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_POPULATE, fd, offset);
    if (memory == MAP_FAILED) die("mmap");
    return memory;
}

static void open_ring(void) {
    struct io_uring_params params = { .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE, .cq_entries = EVENTS };
    ring = syscall(__NR_io_uring_setup, SENDS, &params);
    if (ring < 0) die("io_uring_setup");
    char *rings = map(params.sq_off.array + params.sq_entries * sizeof(unsigned) + params.cq_off.cqes + params.cq_entries * sizeof *events, MAP_SHARED, ring, IORING_OFF_SQ_RING);
    entries = map(params.sq_entries * sizeof *entries, MAP_SHARED, ring, IORING_OFF_SQES);
    head = (unsigned *)(rings + params.sq_off.head);
    tail = (unsigned *)(rings + params.sq_off.tail);
    mask = (unsigned *)(rings + params.sq_off.ring_mask);
    array = (unsigned *)(rings + params.sq_off.array);
    event_head = (unsigned *)(rings + params.cq_off.head);
    event_tail = (unsigned *)(rings + params.cq_off.tail);
    event_mask = (unsigned *)(rings + params.cq_off.ring_mask);
    events = (struct io_uring_cqe *)(rings + params.cq_off.cqes);
    free_buffers = map(BUFFERS * sizeof(struct io_uring_buf), MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    buffers = map((size_t)BUFFERS * SLOT, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct io_uring_buf_reg group = { .ring_addr = (uintptr_t)free_buffers, .ring_entries = BUFFERS, .bgid = GROUP };
    if (syscall(__NR_io_uring_register, ring, IORING_REGISTER_PBUF_RING, &group, 1)) die("IORING_REGISTER_PBUF_RING");
    struct io_uring_rsrc_register files = { .nr = MAX_CLIENTS, .flags = IORING_RSRC_REGISTER_SPARSE };
    if (syscall(__NR_io_uring_register, ring, IORING_REGISTER_FILES2, &files, sizeof files)) die("IORING_REGISTER_FILES2");
    while (used_count < BUFFERS) {
        used[used_count] = used_count;
        used_count++;
    }
    give_back();
}

int main(void) {
    open_ring();
    listener = open_socket();
    keep(0, listener);
    receive(0);
    say_port();
    for (;;) {
        enter(1);
        if (pending == 0) give_back();
        unsigned seen = *event_head, last = __atomic_load_n(event_tail, __ATOMIC_ACQUIRE);
        for (; seen != last; seen++) {
            struct io_uring_cqe *event = &events[seen & *event_mask];
            int slot = (int)event->user_data - 1;
            if (slot < 0) continue; // a send that failed; the benchmark misses it
            if (event->res >= 0 && (event->flags & IORING_CQE_F_BUFFER)) {
                int buffer = event->flags >> IORING_CQE_BUFFER_SHIFT;
                used[used_count++] = buffer;
                received(slot, buffers + (size_t)buffer * SLOT);
            }
            if (!(event->flags & IORING_CQE_F_MORE)) receive(slot);
        }
        __atomic_store_n(event_head, seen, __ATOMIC_RELEASE);
    }
}
