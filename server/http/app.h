/* What the whole program shares: read-only after start, but for what has its own locks. */
#ifndef APP_H
#define APP_H

#include "db/db.h"
#include "server/documents/media.h"
#include "server/http/template.h"

#define INVICHAT_VERSION "0.9"

struct hasher;
struct keep;
struct keeper;
struct limit;
struct listener;
struct live;
struct menu;
struct route;
struct seen;
struct services;
struct worker;

struct app {
    const char *data;          /* folder: invichat.db, key, media/, tmp/ */
    const char *public_url;    /* "https://shop.example", no slash at the end; "" unknown */
    const char *trusted_proxy; /* addresses whose X-Forwarded-For counts */
    bool secure;               /* public_url is https: cookies are Secure */
    bool dev;                  /* templates and static files from the tree */
    unsigned char key[32];     /* of DATA/key: codes, CSRF tokens */
    struct db_file *db;
    struct templates *templates;
    struct media *media;
    struct keep *keep;
    struct seen *seen;         /* sessions in use, to be noted */
    struct hasher *hasher;     /* of passwords */
    struct services *services;
    struct limit *limit;
    struct worker *worker;
    struct keeper *keeper;     /* of backups */
    struct live *live;         /* settings that every request needs */
    int64_t started_ms;
    struct listener *listener; /* for /metrics */
    const struct menu *menu;   /* drawn at start */
    const struct route *const *routes; /* the modules' tables, NULL-terminated */
    const char *css, *css_hash, *icons; /* within the public pages */
    const char *css_url, *js_url, *icons_url;
};

#endif
