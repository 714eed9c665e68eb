/* What civetweb alone can do: `bare FILE...` answers /0, /1, ... with the bytes of the
 * files, whole replies with their heads, from memory in one mg_write, under the options of
 * server/http/listener.c. Prints its port. */
#include <civetweb.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FILES_MAX = 16 };

static struct {
    char *bytes;
    size_t size;
} files[FILES_MAX];

static int on_request(struct mg_connection *mg)
{
    const struct mg_request_info *info = mg_get_request_info(mg);
    unsigned long i = strtoul(info->local_uri_raw + 1, NULL, 10);

    if (i >= FILES_MAX || !files[i].bytes)
        return 404;
    mg_write(mg, files[i].bytes, files[i].size);
    return 200;
}

static void file_load(int i, const char *path)
{
    FILE *f = fopen(path, "rb");
    long size;

    if (!f || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) <= 0) {
        perror(path);
        exit(1);
    }
    rewind(f);
    files[i].size = (size_t)size;
    files[i].bytes = malloc(files[i].size);
    if (!files[i].bytes || fread(files[i].bytes, 1, files[i].size, f) != files[i].size)
        exit(1);
    fclose(f);
}

int main(int argc, char **argv)
{
    const char *options[] = {
        "listening_ports", "127.0.0.1:0", "num_threads", "512", "connection_queue", "512",
        "listen_backlog", "1024", "enable_keep_alive", "yes", "keep_alive_timeout_ms",
        "5000", "request_timeout_ms", "5000", "tcp_nodelay", "1", "decode_url", "no",
        "max_request_size", "16384", NULL
    };
    struct mg_callbacks callbacks = { .begin_request = on_request };
    struct mg_server_port port;
    struct mg_context *context;

    for (int i = 1; i < argc && i <= FILES_MAX; i++)
        file_load(i - 1, argv[i]);
    context = mg_start(&callbacks, NULL, options);
    if (!context || mg_get_server_ports(context, 1, &port) < 1)
        return 1;
    printf("%d\n", port.port);
    fflush(stdout);
    pause();
    return 0;
}
