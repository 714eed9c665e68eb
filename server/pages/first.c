/* The link that the first start prints: whoever opens it is the one who started the
 * program, and becomes its first user and admin. No code is sent: nobody could read it yet,
 * since the outbox is the admin's. */
#include "server/pages/pages.h"

#include "db/base/text.h"
#include "db/user.h"

static const char *hash_of(struct req *r)
{
    unsigned char hash[32];

    token_hash(req_arg(r, 0), hash);
    return text_hex(r->arena, hash, sizeof hash);
}

static int first_show(struct req *r)
{
    switch (user_first_open(r->db, hash_of(r))) {
    case DB_OK: break;
    case DB_NONE: return reply_error(r, 404);
    default: return reply_error(r, 500);
    }
    return reply_page(r, 200, "access/first",
                      json_pack("{s:s}", "action", arena_printf(r->arena, "/first/%s",
                                                                req_arg(r, 0))));
}

static int first_become(struct req *r)
{
    const struct user_details d = { req_text(r, "mobile"), req_text(r, "name"), r->lang, "",
                                    "" };
    int64_t user_id;
    enum db_rc rc = user_first(r->db, hash_of(r), &d, r->client, &user_id);

    return rc == DB_OK ? access_enter(r, user_id, "/admin") : reply_outcome(r, rc, 0);
}

static const struct field first_fields[] = {
    { "mobile", FIELD_MOBILE, .required = true },
    { "name", FIELD_TEXT, .required = true, .max = 80 },
    { 0 }
};

const struct route first_routes[] = {
    { GET, "/first/{token}", MOD_NONE, PUBLIC, first_show, NULL,
      "The form of the first user, by the link that the start printed" },
    { POST, "/first/{token}", MOD_NONE, PUBLIC, first_become, first_fields,
      "Makes the first user, the admin", .form = first_show },
    { 0 }
};
