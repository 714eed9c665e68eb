/* The command line: what to do with which data folder. */
#include "server/command.h"
#include "server/documents/media_child.h"

#include "db/base/arena.h"

#include <curl/curl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: invichat serve   --data DIR [--listen ADDRESS:PORT]\n"
    "       invichat demo    --data DIR            demo shops, for a folder without data\n"
    "       invichat admin   --data DIR +91NUMBER  makes that user an admin\n"
    "       invichat backup  --data DIR FILE       while the server runs, or not\n"
    "       invichat restore --data DIR FILE       with the server stopped\n"
    "       invichat check   --data DIR            integrity, and balances against journals\n";

static const struct command {
    const char *name;
    int (*run)(const struct options *o);
    bool needs_word;
} commands[] = {
    { "serve", command_serve, false },   { "demo", command_demo, false },
    { "admin", command_admin, true },    { "backup", command_backup, true },
    { "restore", command_restore, true }, { "check", command_check, false },
};

static bool options_read(int argc, char **argv, struct options *o)
{
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--data") == 0 && i + 1 < argc)
            o->data = argv[++i];
        else if (strcmp(argv[i], "--listen") == 0 && i + 1 < argc)
            o->listen = argv[++i];
        else if (*argv[i] != '-' && !o->word)
            o->word = argv[i];
        else
            return false;
    }
    return o->data && *o->data;
}

int main(int argc, char **argv)
{
    struct options o = options_default();

    if (argc >= 2 && strcmp(argv[1], "media") == 0)
        return media_main(argc, argv);
    if (sodium_init() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
        return 1;
    arena_json_init();
    for (size_t i = 0; argc >= 2 && i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[1], commands[i].name) == 0 && options_read(argc, argv, &o) &&
            (o.word != NULL) == commands[i].needs_word)
            return commands[i].run(&o);
    fputs(usage, stderr);
    return 2;
}
