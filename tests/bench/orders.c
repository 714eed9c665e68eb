/* Customers that order at once, over HTTP.
 *
 *   orders PORT tokens COUNT              prints the csrf value of each customer's session
 *   orders PORT place CLIENTS COUNT FILE  CLIENTS threads, each with one kept connection,
 *                                         send the order of COUNT customers, FILE being what
 *                                         `tokens` printed; prints "orders/s longest-ms"
 *   orders PORT first PATH                asks until there is an answer 200; prints the time
 *                                         of that answer in ms since 1970
 *
 * An order that is not answered 201 ends the run with 1. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS_MAX = 256, CUSTOMERS_MAX = 8192, REPLY_MAX = 256 * 1024, CSRF_MAX = 40 };

static int port, count;
static char csrf[CUSTOMERS_MAX][CSRF_MAX];
static double longest[CLIENTS_MAX];
static _Atomic int next, failed;

static double now_ms(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int connected(void)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Sends and reads one whole answer, with a NUL behind it; its status, or 0. */
static int ask(int fd, const char *request, size_t size, char *reply)
{
    size_t n = 0, whole = 0;

    if (send(fd, request, size, MSG_NOSIGNAL) != (ssize_t)size)
        return 0;
    while (!whole || n < whole) {
        ssize_t got = read(fd, reply + n, REPLY_MAX - 1 - n);
        char *end, *length;

        if (got <= 0)
            return 0;
        n += (size_t)got;
        reply[n] = '\0';
        end = strstr(reply, "\r\n\r\n");
        length = strcasestr(reply, "\r\nContent-Length:");
        if (end && length && length < end)
            whole = (size_t)(end - reply) + 4 + strtoul(length + 17, NULL, 10);
        else if (end)
            return 0;
    }
    return atoi(reply + 9);
}

static int tokens(int customers)
{
    char *reply = malloc(REPLY_MAX), request[512];
    int fd = connected();

    for (int c = 0; c < customers; c++) {
        int n = snprintf(request, sizeof request,
                         "GET /cart HTTP/1.1\r\nHost: localhost:%d\r\n"
                         "Accept: application/json\r\nCookie: session=%043d\r\n\r\n", port, c);
        int status = ask(fd, request, (size_t)n, reply);
        char *at = strstr(reply, "\"csrf\":\"");

        if (status != 200 || !at) {
            fprintf(stderr, "orders: no csrf, status %d: %.300s\n", status, reply);
            return 1;
        }
        printf("%.*s\n", (int)strcspn(at + 8, "\""), at + 8);
    }
    return 0;
}

/* One order of customer c; 0 when it was not placed. */
static int order(int fd, int c, char *reply)
{
    char request[700];
    int n = snprintf(request, sizeof request,
                     "POST /cart/order HTTP/1.1\r\nHost: localhost:%d\r\n"
                     "Accept: application/json\r\nContent-Type: application/json\r\n"
                     "Content-Length: 2\r\nCookie: session=%043d\r\nX-CSRF-Token: %s\r\n"
                     "Idempotency-Key: bench-%.0f-%d\r\n\r\n{}", port, c, csrf[c],
                     now_ms(CLOCK_REALTIME), c);
    int status = ask(fd, request, (size_t)n, reply);

    if (status != 201 && failed++ == 0)
        fprintf(stderr, "orders: status %d: %.1500s\n", status, reply);
    return status == 201;
}

static void *client(void *arg)
{
    double *worst = arg;
    char *reply = calloc(1, REPLY_MAX);
    int fd = connected(), c;

    while ((c = next++) < count && !failed) {
        double start = now_ms(CLOCK_MONOTONIC), took;

        if (!order(fd, c, reply))
            break;
        took = now_ms(CLOCK_MONOTONIC) - start;
        *worst = took > *worst ? took : *worst;
    }
    close(fd);
    free(reply);
    return NULL;
}

static int place(int clients, const char *path)
{
    pthread_t threads[CLIENTS_MAX];
    FILE *in = fopen(path, "r");
    double start, worst = 0;

    if (!in || clients > CLIENTS_MAX || count > CUSTOMERS_MAX)
        return 2;
    for (int c = 0; c < count; c++)
        if (fscanf(in, "%39s", csrf[c]) != 1)
            return 2;
    fclose(in);
    start = now_ms(CLOCK_MONOTONIC);
    for (int i = 0; i < clients; i++)
        pthread_create(&threads[i], NULL, client, &longest[i]);
    for (int i = 0; i < clients; i++) {
        pthread_join(threads[i], NULL);
        worst = longest[i] > worst ? longest[i] : worst;
    }
    printf("%.1f %.1f\n", count / (now_ms(CLOCK_MONOTONIC) - start) * 1e3, worst);
    return failed != 0;
}

static int first(const char *path)
{
    char *reply = calloc(1, REPLY_MAX), request[512];
    int n = snprintf(request, sizeof request,
                     "GET %s HTTP/1.1\r\nHost: localhost:%d\r\n\r\n", path, port);

    for (int i = 0; i < 20000; i++, usleep(500)) {
        int fd = connected(), status = fd < 0 ? 0 : ask(fd, request, (size_t)n, reply);

        if (fd >= 0)
            close(fd);
        if (status == 200) {
            printf("%.1f\n", now_ms(CLOCK_REALTIME));
            return 0;
        }
    }
    return 1;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    port = atoi(argv[1]);
    if (strcmp(argv[2], "tokens") == 0)
        return tokens(atoi(argv[3]));
    if (strcmp(argv[2], "first") == 0)
        return first(argv[3]);
    if (strcmp(argv[2], "place") != 0 || argc != 6)
        return 2;
    count = atoi(argv[4]);
    return place(atoi(argv[3]), argv[5]);
}
