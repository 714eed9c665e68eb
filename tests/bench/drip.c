/* Slow senders: `drip PORT COUNT` holds COUNT connections that send, every second, one byte
 * of a header (even ones) or one header line (odd ones), and open anew when they are
 * closed; until it is killed. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { COUNT_MAX = 1000 };

static int start(int port)
{
    static const char head[] = "GET / HTTP/1.1\r\nHost: localhost\r\n";
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0)
        return -1;
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0 ||
        write(fd, head, sizeof head - 1) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static int drip(int fd, int i)
{
    char in[512];
    const char *text = i % 2 ? "X-Slow: 1\r\n" : "X";
    ssize_t closed = recv(fd, in, sizeof in, MSG_DONTWAIT);

    if (closed == 0 || send(fd, text, i % 2 ? 11 : 1, MSG_NOSIGNAL) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

int main(int argc, char **argv)
{
    int fds[COUNT_MAX], port, count;

    if (argc != 3)
        return 2;
    port = atoi(argv[1]);
    count = atoi(argv[2]);
    if (count > COUNT_MAX)
        return 2;
    for (int i = 0; i < count; i++)
        fds[i] = start(port);
    for (;;) {
        sleep(1);
        for (int i = 0; i < count; i++) {
            if (fds[i] >= 0)
                fds[i] = drip(fds[i], i);
            if (fds[i] < 0)
                fds[i] = start(port);
        }
    }
}
