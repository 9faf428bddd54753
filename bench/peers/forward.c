// What ./parley bench forward is compared with: the same work in plain C, with nothing around it. One thread takes SRTP packets (AEAD_AES_128_GCM, RFC 7714) of one
// sender by recvmmsg, opens each once, and for each receiver rewrites the header and seals it with that receiver's key into the place that it is sent from (no copy
// in between); then it sends by UDP_SEGMENT or by sendmmsg. No ICE, RTCP, loss handling, statistics or timers.
//
// Standard input, a line each: "source KEY SALT", "receiver PORT KEY SALT SSRC" (as often as wanted), "start"; then "gso" or "mmsg" to choose, "cpu" to be told.
// Standard output: "port N" after start; for each "cpu" the forwarding thread's CPU time in nanoseconds and the packets it sent.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum { BATCH = 64, SLOT = 1536, TAG = 16, MAX_RECEIVERS = 64, MAX_SEGMENTS = 48 };

typedef struct {
    struct sockaddr_in address;
    EVP_CIPHER_CTX *cipher;
    unsigned char salt[12];
    uint32_t ssrc;
    uint64_t index; // rollover counter and sequence number of the next packet
    unsigned char *slots; // BATCH packets, one behind the other
    uint16_t lengths[BATCH];
    int count;
} Receiver;

static EVP_CIPHER_CTX *source;
static unsigned char source_salt[12];
static uint64_t source_highest;
static int source_any;
static Receiver receivers[MAX_RECEIVERS];
static int receiver_count, fd;
static atomic_int use_gso = 1;
static atomic_ullong sent;

static void die(const char *what) {
    fprintf(stderr, "forward: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void unhex(const char *from, unsigned char *to, int length) {
    for (int i = 0; i < length; i++) {
        unsigned byte;
        if (sscanf(from + 2 * i, "%2x", &byte) != 1) die("a key or salt is not hexadecimal");
        to[i] = (unsigned char)byte;
    }
}

static EVP_CIPHER_CTX *cipher(const char *hex, int encrypt) {
    unsigned char key[16];
    unhex(hex, key, 16);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (!context || EVP_CipherInit_ex(context, EVP_aes_128_gcm(), NULL, key, NULL, encrypt) != 1) die("EVP_CipherInit_ex");
    return context;
}

static uint32_t read32(const unsigned char *at) { return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]; }

static void write32(unsigned char *at, uint32_t value) {
    at[0] = (unsigned char)(value >> 24), at[1] = (unsigned char)(value >> 16), at[2] = (unsigned char)(value >> 8), at[3] = (unsigned char)value;
}

// RFC 7714 section 8.1: 2 bytes of zero, SSRC, rollover counter, sequence number; XOR the salt.
static void make_iv(unsigned char *iv, const unsigned char *salt, uint32_t ssrc, uint64_t index) {
    iv[0] = iv[1] = 0;
    write32(iv + 2, ssrc);
    write32(iv + 6, (uint32_t)(index >> 16));
    iv[10] = (unsigned char)(index >> 8), iv[11] = (unsigned char)index;
    for (int i = 0; i < 12; i++) iv[i] ^= salt[i];
}

static int header_length(const unsigned char *packet, int length) {
    int at = 12 + 4 * (packet[0] & 15);
    if (packet[0] & 16) at += at + 4 <= length ? 4 + 4 * (packet[at + 2] << 8 | packet[at + 3]) : 4;
    return at;
}

// Opens in place; the payload's length, or -1.
static int open_packet(unsigned char *packet, int length, int header) {
    uint16_t sequence = (uint16_t)(packet[2] << 8 | packet[3]);
    uint64_t index = source_any ? source_highest + (int16_t)(sequence - (uint16_t)source_highest) : sequence;
    unsigned char iv[12];
    make_iv(iv, source_salt, read32(packet + 8), index);
    int payload = length - header - TAG, written;
    if (payload < 0 || EVP_DecryptInit_ex(source, NULL, NULL, NULL, iv) != 1 || EVP_CIPHER_CTX_ctrl(source, EVP_CTRL_AEAD_SET_TAG, TAG, packet + length - TAG) != 1
        || EVP_DecryptUpdate(source, NULL, &written, packet, header) != 1 || EVP_DecryptUpdate(source, packet + header, &written, packet + header, payload) != 1
        || EVP_DecryptFinal_ex(source, packet + header, &written) != 1) return -1;
    if (!source_any || index > source_highest) source_highest = index;
    source_any = 1;
    return payload;
}

static void seal_for(Receiver *to, const unsigned char *packet, int header, int payload) {
    unsigned char *out = to->slots + (size_t)to->count * SLOT;
    // Segments lie one behind the other; only the last may be shorter, so they all have the first one's pitch.
    if (to->count > 0) out = to->slots + (size_t)to->count * to->lengths[0];
    memcpy(out, packet, (size_t)header);
    uint64_t index = to->index++;
    out[2] = (unsigned char)(index >> 8), out[3] = (unsigned char)index;
    write32(out + 8, to->ssrc);
    unsigned char iv[12];
    make_iv(iv, to->salt, to->ssrc, index);
    int written;
    if (EVP_EncryptInit_ex(to->cipher, NULL, NULL, NULL, iv) != 1 || EVP_EncryptUpdate(to->cipher, NULL, &written, out, header) != 1
        || EVP_EncryptUpdate(to->cipher, out + header, &written, packet + header, payload) != 1 || EVP_EncryptFinal_ex(to->cipher, out + header + payload, &written) != 1
        || EVP_CIPHER_CTX_ctrl(to->cipher, EVP_CTRL_AEAD_GET_TAG, TAG, out + header + payload) != 1) die("EVP_Encrypt");
    to->lengths[to->count++] = (uint16_t)(header + payload + TAG);
}

static void send_gso(void) {
    static struct mmsghdr messages[MAX_RECEIVERS * 2];
    static struct iovec vectors[MAX_RECEIVERS * 2];
    static union {
        char bytes[CMSG_SPACE(sizeof(uint16_t))];
        struct cmsghdr align;
    } controls[MAX_RECEIVERS * 2];
    int count = 0;
    for (int r = 0; r < receiver_count; r++) {
        Receiver *to = &receivers[r];
        for (int from = 0; from < to->count; from += MAX_SEGMENTS, count++) {
            int segments = to->count - from < MAX_SEGMENTS ? to->count - from : MAX_SEGMENTS;
            size_t pitch = to->lengths[0];
            vectors[count] = (struct iovec){ to->slots + from * pitch, (size_t)(segments - 1) * pitch + to->lengths[from + segments - 1] };
            messages[count].msg_hdr = (struct msghdr){ &to->address, sizeof to->address, &vectors[count], 1, controls[count].bytes, sizeof controls[count].bytes, 0 };
            struct cmsghdr *control = CMSG_FIRSTHDR(&messages[count].msg_hdr);
            control->cmsg_level = IPPROTO_UDP, control->cmsg_type = UDP_SEGMENT, control->cmsg_len = CMSG_LEN(sizeof(uint16_t));
            *(uint16_t *)CMSG_DATA(control) = (uint16_t)pitch;
        }
        sent += (unsigned)to->count;
        to->count = 0;
    }
    for (int at = 0; at < count;) {
        int taken = sendmmsg(fd, messages + at, (unsigned)(count - at), 0);
        if (taken < 0) die("sendmmsg with UDP_SEGMENT");
        at += taken;
    }
}

static void send_plain(void) {
    static struct mmsghdr messages[MAX_RECEIVERS * BATCH];
    static struct iovec vectors[MAX_RECEIVERS * BATCH];
    int count = 0;
    for (int r = 0; r < receiver_count; r++) {
        Receiver *to = &receivers[r];
        for (int i = 0; i < to->count; i++, count++) {
            vectors[count] = (struct iovec){ to->slots + (size_t)i * to->lengths[0], to->lengths[i] };
            messages[count].msg_hdr = (struct msghdr){ &to->address, sizeof to->address, &vectors[count], 1, NULL, 0, 0 };
        }
        sent += (unsigned)to->count;
        to->count = 0;
    }
    for (int at = 0; at < count;) {
        int taken = sendmmsg(fd, messages + at, (unsigned)(count - at), 0);
        if (taken < 0) die("sendmmsg");
        at += taken;
    }
}

static void *forward(void *unused) {
    static unsigned char packets[BATCH][SLOT];
    static struct iovec vectors[BATCH];
    static struct mmsghdr messages[BATCH];
    for (int i = 0; i < BATCH; i++) {
        vectors[i] = (struct iovec){ packets[i], SLOT };
        messages[i].msg_hdr = (struct msghdr){ .msg_iov = &vectors[i], .msg_iovlen = 1 };
    }
    for (;;) {
        int count = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
        if (count < 0 && errno != EINTR) die("recvmmsg");
        for (int i = 0; i < count; i++) {
            int length = (int)messages[i].msg_len, header = length >= 12 ? header_length(packets[i], length) : length;
            int payload = open_packet(packets[i], length, header);
            if (payload < 0) continue;
            for (int r = 0; r < receiver_count; r++) seal_for(&receivers[r], packets[i], header, payload);
        }
        if (use_gso) send_gso();
        else send_plain();
    }
    return unused;
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct sockaddr_in bound = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof bound;
    int bytes = 4 << 20;
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&bound, size) || getsockname(fd, (struct sockaddr *)&bound, &size)) die("socket");
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes) || setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes)) die("setsockopt");

    char line[256], key[64], salt[64];
    unsigned port, ssrc;
    clockid_t clock = 0;
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "source %63s %63s", key, salt) == 2) {
            source = cipher(key, 0);
            unhex(salt, source_salt, 12);
        } else if (sscanf(line, "receiver %u %63s %63s %u", &port, key, salt, &ssrc) == 4 && receiver_count < MAX_RECEIVERS) {
            Receiver *to = &receivers[receiver_count++];
            to->address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
            to->cipher = cipher(key, 1);
            unhex(salt, to->salt, 12);
            to->ssrc = ssrc, to->index = 1;
            if (!(to->slots = aligned_alloc(64, (size_t)BATCH * SLOT))) die("aligned_alloc");
        } else if (!strcmp(line, "start\n")) {
            pthread_t thread;
            if (!source || pthread_create(&thread, NULL, forward, NULL) || pthread_getcpuclockid(thread, &clock)) die("start");
            printf("port %u\n", ntohs(bound.sin_port));
        } else if (!strcmp(line, "gso\n") || !strcmp(line, "mmsg\n")) {
            use_gso = line[0] == 'g';
        } else if (!strcmp(line, "cpu\n")) {
            struct timespec now;
            if (clock_gettime(clock, &now)) die("clock_gettime");
            printf("cpu %lld %llu\n", (long long)now.tv_sec * 1000000000ll + now.tv_nsec, (unsigned long long)sent);
        } else {
            die("an unknown command");
        }
    }
    return 0;
}
