/* Services of the outside world: what is set and by whom, and whether the provider knows
 * us. A secret is typed in and never shown again. */
#include "server/pages/pages.h"

#include "db/base/log.h"
#include "db/base/row.h"
#include "db/service.h"
#include "db/setting.h"
#include "server/services/http_client.h"
#include "server/services/sms.h"
#include "server/services/switch.h"

#include <string.h>

static bool field_of(const struct service_field *f, const char *service)
{
    return strcmp(f->service, service) == 0;
}

static json_t *field_json(struct req *r, const struct service_field *f, const json_t *stored)
{
    const json_t *value = json_object_get(stored, f->name);
    bool by_env = *service_env(f) != '\0';

    return json_pack("{s:s,s:s,s:s,s:s,s:b,s:b,s:b,s:b,s:b,s:s,s:s}", "name", f->name,
                     "label_key", arena_printf(r->arena, "admin.%s_%s", f->service, f->name),
                     "hint_key",
                     arena_printf(r->arena, "admin.%s_%s_hint", f->service, f->name), "env",
                     f->env, "is_env", by_env, "is_secret", f->is_secret, "is_needed",
                     f->is_needed, "is_set", json_is_string(value), "is_lost",
                     json_is_null(value) && !by_env, "value",
                     !f->is_secret && json_is_string(value) ? json_string_value(value) : "",
                     "error", "");
}

/* What was refused stands at its field; a secret as typed is not shown again. */
static void field_typed(struct req *r, json_t *field)
{
    const char *name = row_text(field, "name");

    if (row_true(field, "is_secret"))
        json_object_set_new(r->typed, name, json_string(""));
    else
        json_object_set_new(field, "value", json_string(req_text(r, name)));
    for (int i = 0; i < r->error_count; i++)
        if (r->errors[i].field && strcmp(r->errors[i].field, name) == 0)
            json_object_set_new(field, "error", json_string(r->errors[i].text));
}

static bool lacks(const json_t *field)
{
    return row_true(field, "is_needed") &&
           !row_true(field, "is_set") &&
           !row_true(field, "is_env");
}

/* One service for the page; NULL when it can't be read. */
static json_t *service_json(struct req *r, const char *service, bool is_on)
{
    bool posted = r->method == POST && strcmp(req_arg(r, 0), service) == 0, part = false;
    bool typed = posted && r->error_count > 0 && r->route->fields;
    json_t *stored, *fields = json_array();

    if (service_values(r->db, r->app->key, service, &stored) != DB_OK)
        return NULL;
    for (const struct service_field *f = service_fields; f->service; f++) {
        json_t *field;

        if (!field_of(f, service))
            continue;
        field = field_json(r, f, stored);
        part = part || lacks(field);
        if (typed)
            field_typed(r, field);
        json_array_append_new(fields, field);
    }
    return json_pack("{s:s,s:s,s:s,s:o,s:b,s:b,s:b,s:b}", "service", service, "name_key",
                     arena_printf(r->arena, "admin.%s", service), "why_key",
                     arena_printf(r->arena, "admin.%s_why", service), "fields", fields,
                     "is_on", is_on, "is_part", part && is_on, "has_stored",
                     json_object_size(stored) > 0, "is_wrong", posted && r->error_count > 0);
}

static bool service_is_on(const struct req *r, const char *service)
{
    const struct services *now = services_now(r->app->services);

    return strcmp(service, "sms") == 0 ? sms_is_set(now) : !services_local_only(now);
}

static int services_show(struct req *r)
{
    json_t *whatsapp = service_json(r, "whatsapp", service_is_on(r, "whatsapp"));
    json_t *sms = service_json(r, "sms", service_is_on(r, "sms"));

    if (!whatsapp || !sms)
        return reply_error(r, 500);
    json_object_set_new(whatsapp, "webhook",
                        json_string(arena_printf(r->arena, "%s/webhooks/whatsapp", r->origin)));
    return reply_page(r, 200, "admin/services",
                      json_pack("{s:[o,o]}", "services", whatsapp, sms));
}

/* One transaction: all fields or none. A secret left empty stays as it is. */
static enum db_rc fields_store(struct req *r, const char *service, bool forget)
{
    enum db_rc rc = DB_OK;

    db_begin(r->db);
    for (const struct service_field *f = service_fields; f->service && rc == DB_OK; f++) {
        const struct service_value value = { f->service, f->name,
                                             forget ? "" : req_text(r, f->name),
                                             f->is_secret };

        if (!field_of(f, service) ||
            (!forget && (*service_env(f) || (f->is_secret && !*value.value))))
            continue;
        rc = service_set(r->db, &r->actor, r->app->key, &value);
    }
    return db_end(r->db, rc);
}

static void services_changed(struct req *r, enum db_rc rc)
{
    if (rc == DB_OK && !services_reload(r->app->services, r->db))
        log_error("services not read again");
}

/* The first field that can't stay empty, when nothing is typed and nothing was set. */
static const char *all_empty(struct req *r, const char *service)
{
    const char *first = NULL;
    json_t *stored;

    if (service_values(r->db, r->app->key, service, &stored) != DB_OK)
        return NULL;
    for (const struct service_field *f = service_fields; f->service; f++) {
        if (!field_of(f, service))
            continue;
        if (*req_text(r, f->name) || *service_env(f) || json_object_get(stored, f->name))
            return NULL;
        first = !first && f->is_needed ? f->name : first;
    }
    return first;
}

static bool is_plain(const char *s)
{
    for (; *s; s++)
        if (*s <= ' ' || *s > '~')
            return false;
    return true;
}

/* The field that is wrong and why; NULL: none. */
static const char *whatsapp_wrong(struct req *r, const char **key)
{
    const char *id = req_text(r, "phone_number_id");

    *key = "refusal.phone_number_id";
    if (strspn(id, "0123456789") != strlen(id))
        return "phone_number_id";
    *key = "refusal.service_plain";
    for (const struct service_field *f = service_fields; f->service; f++)
        if (field_of(f, "whatsapp") && !is_plain(req_text(r, f->name)))
            return f->name;
    return NULL;
}

static const char *sms_wrong(struct req *r, const char **key)
{
    const char *url = req_text(r, "url"), *body = req_text(r, "body");
    const char *header = req_text(r, "header"), *colon = strchr(header, ':'), *host;
    bool is_https = false;

    if (!*url)
        return NULL;
    host = http_url_host(r->arena, url, &is_https);
    *key = "refusal.sms_url";
    if (!is_plain(url) || !host || (!is_https && !http_host_is_loopback(host)))
        return "url";
    *key = "refusal.sms_places";
    if ((!strstr(url, "{to") && !strstr(body, "{to")) ||
        (!strstr(url, "{code}") && !strstr(body, "{code}") && !strstr(url, "{text}") &&
         !strstr(body, "{text}")))
        return "url";
    *key = "refusal.sms_body";
    if (*body && !json_loads(body, 0, NULL))
        return "body";
    *key = "refusal.sms_header";
    return *header && (!colon || colon == header) ? "header" : NULL;
}

static bool service_known(const char *service)
{
    return strcmp(service, "whatsapp") == 0 || strcmp(service, "sms") == 0;
}

static int service_save(struct req *r)
{
    const char *service = req_arg(r, 0), *wrong, *key;
    enum db_rc rc;

    if (!service_known(service))
        return reply_error(r, 404);
    wrong = all_empty(r, service);
    if (wrong)
        return reply_wrong(r, 422, wrong, "field.required", NULL);
    wrong = strcmp(service, "sms") == 0 ? sms_wrong(r, &key) : whatsapp_wrong(r, &key);
    if (wrong)
        return reply_wrong(r, 422, wrong, key, NULL);
    rc = fields_store(r, service, false);
    services_changed(r, rc);
    if (rc == DB_OK && !service_is_on(r, service))
        return reply_goto(r, "/admin/services", "admin.service_not_yet", NULL);
    return reply_outcome(r, rc, 0);
}

static int service_forget(struct req *r)
{
    enum db_rc rc;

    if (!service_known(req_arg(r, 0)))
        return reply_error(r, 404);
    rc = fields_store(r, req_arg(r, 0), true);
    services_changed(r, rc);
    return reply_outcome(r, rc, 0);
}

/* A code that nobody waits for, to the admin's own number. */
static enum send_rc sms_try(struct req *r, const struct services *now,
                            struct send_result *result)
{
    const struct otp_message otp = {
        .mobile = row_text(r->session, "mobile"), .code = "000000", .lang = r->lang,
        .text = req_say(r, "bot.otp", json_pack("{s:s,s:s}", "code", "000000", "site",
                                                 setting_name(r->db)))
    };
    enum send_rc rc;

    *result = (struct send_result) { .error = req_say(r, "admin.service_off", NULL) };
    if (!sms_is_set(now))
        return SEND_FAILED;
    rc = sms_otp(now, r->arena, &otp, result);
    result->provider_id = otp.mobile;
    return rc;
}

/* Asks the provider, and says in words what it said. */
static int service_check(struct req *r)
{
    const struct services *now = services_now(r->app->services);
    struct send_result result = { 0 };
    enum send_rc rc;
    bool sms = strcmp(req_arg(r, 0), "sms") == 0;

    if (!service_known(req_arg(r, 0)))
        return reply_error(r, 404);
    db_release(r->db);
    rc = sms ? sms_try(r, now, &result) : now->calls->check(now, r->arena, &result);
    if (rc == SEND_DONE)
        return reply_goto(r, "/admin/services",
                          sms ? "admin.sms_works" : "admin.service_works",
                          json_pack("{s:s}", "who",
                                    result.provider_id ? result.provider_id : ""));
    return reply_wrong(r, 409, NULL, "refusal.service_check",
                       json_pack("{s:s}", "error", result.error ? result.error : "?"));
}

static const struct field service_form[] = {
    { "token", FIELD_TEXT, .max = 1000 },       { "phone_number_id", FIELD_TEXT, .max = 30 },
    { "app_secret", FIELD_TEXT, .max = 200 },   { "verify_token", FIELD_TEXT, .max = 200 },
    { "otp_template", FIELD_TEXT, .max = 100 },
    { "message_template", FIELD_TEXT, .max = 100 },
    { "url", FIELD_TEXT, .max = 1000 },
    { "body", FIELD_TEXT, .max = 2000 },        { "header", FIELD_TEXT, .max = 200 },
    { "key", FIELD_TEXT, .max = 500 },          { "expected", FIELD_TEXT, .max = 100 },
    { 0 }
};

#define ONE "/admin/services/{service}"
#define DONE .form = services_show, .done = "/admin/services"

const struct route admin_service_routes[] = {
    { GET, "/admin/services", MOD_NONE, ADMIN, services_show, NULL,
      "Services of the outside world" },
    { POST, ONE, MOD_NONE, ADMIN, service_save, service_form,
      "Sets the account of a service: whatsapp or sms", DONE, .said = "admin.service_done" },
    { POST, ONE "/check", MOD_NONE, ADMIN, service_check, NULL,
      "Asks the provider whether it knows us; SMS: sends one to oneself",
      .form = services_show },
    { POST, ONE "/forget", MOD_NONE, ADMIN, service_forget, NULL,
      "Forgets the account of a service", DONE, .said = "admin.service_forgotten" },
    { 0 }
};
