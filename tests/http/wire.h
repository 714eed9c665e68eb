/* Bytes as they are, for what no client library would send. Included after ground.h. */
#ifndef WIRE_H
#define WIRE_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

static UNUSED int wire_open(const struct shop *s)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)s->port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct timeval limit = { .tv_sec = 10 };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static UNUSED void wire_send(int fd, const char *bytes)
{
    size_t n = strlen(bytes);

    assert_int_equal(send(fd, bytes, n, MSG_NOSIGNAL), (ssize_t)n);
}

/* What comes until the end of the headers, or of the connection; the status, 0 for none. */
static UNUSED int wire_status(int fd, char *text, size_t size)
{
    size_t n = 0;
    ssize_t got;

    text[0] = '\0';
    while (n + 1 < size && (got = recv(fd, text + n, size - 1 - n, 0)) > 0) {
        n += (size_t)got;
        text[n] = '\0';
        if (strstr(text, "\r\n\r\n"))
            break;
    }
    return strncmp(text, "HTTP/1.1 ", 9) == 0 ? atoi(text + 9) : 0;
}

/* All that comes until the connection is closed. */
static UNUSED size_t wire_all(int fd, char *text, size_t size)
{
    size_t n = 0;
    ssize_t got;

    while (n + 1 < size && (got = recv(fd, text + n, size - 1 - n, 0)) > 0)
        n += (size_t)got;
    text[n] = '\0';
    return n;
}

/* One request on a connection of its own. */
static UNUSED int wire_ask(const struct shop *s, const char *bytes, char *text, size_t size)
{
    int fd = wire_open(s), status;

    wire_send(fd, bytes);
    status = wire_status(fd, text, size);
    close(fd);
    return status;
}

/* Milliseconds since some moment. */
static UNUSED int64_t wire_ms(void)
{
    struct timeval now;

    gettimeofday(&now, NULL);
    return now.tv_sec * 1000LL + now.tv_usec / 1000;
}

#endif
