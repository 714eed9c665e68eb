/* A request as handlers see it, its declared fields, and the replies.
 *
 * A handler starts with valid, typed input or does not start. It calls db/, and returns one
 * reply; what it made dies with the request. */
#ifndef REQ_H
#define REQ_H

#include "db/actor.h"
#include "db/base/cell.h"
#include "db/db.h"
#include "db/permission.h"
#include "server/http/app.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct req;
typedef int handler(struct req *r); /* returns what a reply_*() answered */

enum method { GET, POST };

enum field_type {
    FIELD_TEXT,   /* one line, trimmed */
    FIELD_LINES,  /* text with line breaks */
    FIELD_INT,    /* min..max */
    FIELD_ID,     /* of a row; 0 when left empty */
    FIELD_MONEY,  /* rupees as typed -> paise */
    FIELD_QTY,    /* as typed -> thousandths */
    FIELD_DATE,   /* 2026-11-22 -> start of the day in the account's zone, ms */
    FIELD_BOOL,   /* a checkbox */
    FIELD_CHOICE, /* one of `choices` */
    FIELD_MOBILE, /* -> +91... */
    FIELD_EMAIL,
    FIELD_CODE,   /* digits, spaces allowed: OTPs */
    FIELD_FILE,
};

struct field {
    const char *name;
    enum field_type type;
    bool required;
    bool each;           /* name[ID]=value for several rows; JSON: "name": {"ID": value} */
    int64_t min, max;    /* numbers: both 0 = not limited, else smallest and largest;
                            text: characters (max 0 = 200); files: max 0 = 16 MB */
    const char *choices; /* "a b c" */
};

/* `level`: who may; enum level of permission.h goes on with these. */
enum { PUBLIC = -3, SIGNED_IN = -2, ADMIN = -1, VIEW = LEVEL_VIEW, CHANGE = LEVEL_CHANGE };

struct route {
    enum method method;
    const char *path; /* {id}: a number, {name}: a text without a slash */
    enum module module;
    int level;
    handler *fn;
    const struct field *fields; /* of the form, or of the query of a GET */
    const char *about;          /* one line for /openapi.json */
    const char *gives; /* media type of an answer that is no page; NULL: page or JSON */
    /* Of a POST: */
    handler *form;    /* the page that shows the form again when something is wrong */
    const char *done; /* where success leads: "/orders/{made}", {1} the path's first id */
    const char *said; /* the message's text key */
    const char *undo; /* path of a POST that undoes it, same replacements, {undo} for
                         undo_id; NULL: none */
    bool is_raw;      /* takes the body as bytes: r->raw; no browser's form, so no CSRF */
    handler *gate;    /* asked before the body is read: 0, or the reply that ends it */
    bool is_kept_form; /* its form stands on a kept page, without a token: Origin guards it */
};

struct field_value {
    const struct field *field;
    int64_t id; /* of the row, for `each` */
    int64_t number;
    const char *text;
    const struct part *file;
};

struct form_error {
    const char *field; /* "qty", "accepted[12]"; NULL: the whole form */
    const char *text;  /* finished, in the user's language */
};

enum { REQ_ARGS = 4, REQ_ERRORS = 32, REQ_LISTS = 2, REPLY_ROOM = 2048 };

struct req {
    struct arena *arena;
    struct db *db;
    const struct app *app;
    const struct route *route;
    enum method method;
    bool is_head;
    const char *path;             /* decoded, without the query */
    const char *target;           /* as asked for, with the query */
    const char *args[REQ_ARGS];   /* what stood for {id}, {name} */
    int arg_count;
    const char *client;           /* network address */
    const char *origin;           /* "https://shop.example" that links are made with */
    const char *lang;
    int zone;                     /* minutes east of UTC */
    bool wants_json, takes_gzip, via_token;
    const void *conn;             /* of the listener */

    const json_t *session;        /* session_find()'s row; NULL: none */
    int64_t session_id, user_id, account_id; /* 0: none */
    int64_t token_id;             /* of the API token that asks; 0: none */
    bool is_token_bad;            /* one was sent, and it is none */
    bool signed_in, is_admin;
    bool is_unseen;               /* it is time to note that the session is used */
    struct levels levels;         /* of the session, as it was when the request came */
    struct actor actor;
    const char *csrf;             /* token of the session; "" without one */
    const char *once;             /* one-time key that came with the form; NULL */
    const char *once_key;         /* as recorded: with whose it is; NULL */
    unsigned char once_digest[16];
    int64_t undo_id;              /* what undoes it, where that is not what was made */
    const char *said;             /* finished, instead of the route's; NULL: that one */

    const struct form *form;
    const char *raw;              /* a body that is not multipart, as it came */
    size_t raw_size;
    struct field_value *values;
    int value_count;
    struct form_error errors[REQ_ERRORS];
    int error_count;
    json_t *typed;                /* the form as it was: name -> text */

    struct cell lists[REQ_LISTS]; /* of the page, named below */
    const char *list_names[REQ_LISTS];
    size_t list_count;
    struct buf *extra;            /* header lines that a handler adds */
    struct reply {
        int status;
        const char *type, *body, *location, *etag, *csp, *cache;
        size_t size;
        bool is_gzip, is_close;
        const int *file; /* instead of `body`: sent in pieces; NULL: none */
        char *room; /* of REPLY_ROOM bytes, for the head: a body right behind it goes out
                       without being copied; NULL: none */
    } reply;
};

/* --- what came in --- */

int64_t req_arg_id(const struct req *r, int i);          /* {id}; the router checked it */
const char *req_arg(const struct req *r, int i);
bool req_has(const struct req *r, const char *name);     /* given and not empty */
int64_t req_int(const struct req *r, const char *name);  /* 0 when not given */
const char *req_text(const struct req *r, const char *name); /* "" when not given */
bool req_is(const struct req *r, const char *name, const char *choice);
const struct part *req_file(const struct req *r, const char *name);
/* The i-th row of a field declared `each` (or repeated); NULL behind the last. */
const struct field_value *req_each(const struct req *r, const char *name, int i);
const char *req_header(const struct req *r, const char *name); /* NULL: none */
int req_header_count(const struct req *r, const char *name);

enum level req_level(const struct req *r, enum module module); /* of this session */

/* A text in the request's language. */
const char *req_say(struct req *r, const char *key, const json_t *args);

/* --- what goes out --- */

/* A page: `model` (taken over; NULL is answered with 500) over the template, or the model
 * itself as JSON. What the form page needs (errors, what was typed) is added; `f` in the
 * model gives the form's first values. */
int reply_page(struct req *r, int status, const char *template, json_t *model);

/* A long list of the page, beside its model: shown, and in the JSON answer, as if the model
 * had it as `name`. Before the page is made; at most REQ_LISTS. */
void reply_list(struct req *r, const char *name, struct cell rows);

/* A page for anyone, with nothing of the visitor in it, so that it can be kept; its template
 * stands in templates/public.html. `path` is its own address. */
int reply_public_page(struct req *r, int status, const char *template, json_t *model,
                      const char *path);

/* A piece of a page, without a frame and with nothing of the visitor's session but what the
 * model has; for data-live. */
int reply_piece(struct req *r, const char *template, json_t *model, const char *etag);

/* Allows the style inside templates/public.html; before or after the page was made. */
void reply_inline_style(struct req *r);

/* How a change ended: DB_OK: 303 to the route's `done` with its message (JSON: {"id",
 * "location"}); DB_NONE: 404; a refusal: the form again, with its sentence; else 500 or
 * 503. */
int reply_outcome(struct req *r, enum db_rc rc, int64_t made);

/* Who is signed in but has entered no account: to the list of them; JSON: 403. */
int reply_no_account(struct req *r);

/* `to`, where it is a path of ours (at most 1000 bytes) that no browser takes for another
 * host; else "/". For every address that a stranger may have chosen. */
const char *path_own(const char *to);

/* 303 to a path of ours, with a message (`said` may be NULL). */
int reply_goto(struct req *r, const char *path, const char *said, const json_t *args);

/* Notes something wrong beside a field (NULL: the form), found by the handler; `text` is
 * finished. The reply is reply_wrong(), its `key` NULL when all is noted. */
void req_error(struct req *r, const char *field, const char *text);
int reply_wrong(struct req *r, int status, const char *field, const char *key, json_t *args);

/* An error page: 401 leads a browser to sign in. */
int reply_error(struct req *r, int status);

/* Bytes as they are. `etag` (may be NULL) answers 304 when the browser has them; of what is
 * compressed it becomes another one, since it names the bytes. */
int reply_bytes(struct req *r, int status, const char *type, const void *bytes, size_t size,
                const char *etag);

/* A file DATA/media/<name>, immutable. */
int reply_media(struct req *r, const char *name);

/* A file of any size, to be kept under `name`; closed with the request. */
int reply_file(struct req *r, const char *path, const char *type, const char *name);

/* Adds "Name: value" to the answer; control characters are left out. */
void reply_header(struct req *r, const char *name, const char *value);
void reply_cookie(struct req *r, const char *name, const char *value, int64_t seconds);

/* Gives the browser a session's token, and the request its session from now on. */
void req_session_cookie(struct req *r, const char *token);

/* Sees to it that the request has a session: a visitor's is made when there is none. Refused
 * when too many came from this address; for reply_outcome(). */
MUST_USE enum db_rc req_visitor(struct req *r);

/* The same for an API token, "ivc_" before it. */
const char *req_api_token(struct req *r, unsigned char hash[32]);

/* 32 random bytes as text for a cookie, and the hash that the database keeps. */
const char *req_token(struct req *r, unsigned char hash[32]);
void token_hash(const char *token, unsigned char hash[32]);

#endif
