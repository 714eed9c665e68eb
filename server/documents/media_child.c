/* Limits first, then whatever the verb must load from disk, then the filter, and only
 * then the strangers' bytes. Ends by _exit: nothing is left to flush, and what the
 * libraries would do at exit may be forbidden by now. */
#include "server/documents/media_child.h"

#include "server/documents/invoice.h"
#include "server/documents/picture.h"
#include "server/documents/sandbox.h"

#include <errno.h>
#include <glib.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_FAILED = 1, MEMORY_MB = 512, CPU_S = 8 };

struct verb {
    const char *name;
    enum sandbox sandbox;
    size_t in_max;
    void (*prepare)(void);
    int (*run)(const unsigned char *in, size_t n); /* the exit status */
};

static bool write_all(const void *bytes, size_t n)
{
    const char *p = bytes;

    while (n > 0) {
        ssize_t wrote = write(STDOUT_FILENO, p, n);

        if (wrote > 0) {
            p += wrote;
            n -= (size_t)wrote;
        } else if (wrote == 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

static void complain(const char *what)
{
    if (write(STDERR_FILENO, what, strlen(what)) < 0)
        _exit(EXIT_FAILED);
}

static int run_picture(const unsigned char *in, size_t n)
{
    struct picture_answer answer = { 0 };
    const char *why = picture_make(in, n, &answer);
    bool ok;

    if (why) {
        write_all(why, strlen(why));
        return MEDIA_EXIT_REFUSED;
    }
    ok = write_all(answer.bytes, answer.size);
    free(answer.bytes);
    return ok ? 0 : EXIT_FAILED;
}

static int run_invoice(const unsigned char *in, size_t n)
{
    struct arena *a = arena_new();
    struct invoice_pdf pdf;
    int rc = EXIT_FAILED;

    if (!invoice_draw(a, (const char *)in, n, &pdf))
        complain(pdf.why);
    else if (write_all(pdf.bytes, pdf.size))
        rc = 0;
    arena_free(a);
    return rc;
}

static const struct verb verbs[] = {
    { "picture", SANDBOX_COMPUTE, PICTURE_IN_MAX, picture_prepare, run_picture },
    { "invoice", SANDBOX_READ, INVOICE_IN_MAX, invoice_prepare, run_invoice },
};

static unsigned char *read_all(size_t max, size_t *n)
{
    unsigned char *bytes = malloc(max + 1);

    *n = 0;
    while (bytes) {
        ssize_t got = read(STDIN_FILENO, bytes + *n, max + 1 - *n);

        if (got > 0)
            *n += (size_t)got;
        if (got == 0 || *n > max || (got < 0 && errno != EINTR))
            return got == 0 ? bytes : NULL;
    }
    return NULL;
}

/* Warnings about a stranger's picture are of no interest, and glib's own writer asks the
 * system what standard error is. */
static GLogWriterOutput log_drop(GLogLevelFlags level, const GLogField *fields, gsize n,
                                 gpointer unused)
{
    (void)level;
    (void)fields;
    (void)n;
    (void)unused;
    return G_LOG_WRITER_HANDLED;
}

static _Noreturn void verb_run(const struct verb *verb)
{
    unsigned char *in;
    size_t n;

    g_log_set_writer_func(log_drop, NULL, NULL);
    mallopt(M_ARENA_MAX, 1);
    if (!sandbox_limits(MEMORY_MB, CPU_S)) {
        complain("no limits");
        _exit(EXIT_FAILED);
    }
    verb->prepare();
    if (!sandbox_enter(verb->sandbox)) {
        complain("no filter");
        _exit(EXIT_FAILED);
    }
    in = read_all(verb->in_max, &n);
    if (!in) {
        complain("input too long");
        _exit(EXIT_FAILED);
    }
    _exit(verb->run(in, n));
}

int media_main(int argc, char **argv)
{
    for (size_t i = 0; argc >= 3 && i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(argv[2], verbs[i].name) == 0)
            verb_run(&verbs[i]);
    complain("usage: media picture|invoice <FILE | cat\n");
    return 2;
}
