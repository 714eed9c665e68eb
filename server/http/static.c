/* Static files by name. Those with ?v= in their URL never change under it, so browsers
 * keep them for good; the rest are asked for again by ETag. */
#include "server/http/static.h"

#include "db/base/asset.h"
#include "db/base/text.h"
#include "server/http/gzip.h"
#include "server/http/req.h"

#include <sodium.h>
#include <string.h>

static const char *hash_of(struct arena *a, const char *name)
{
    struct asset asset;
    unsigned char hash[16] = { 0 };

    if (asset_find(a, name, &asset))
        crypto_generichash(hash, sizeof hash, (const unsigned char *)asset.data, asset.size,
                           NULL, 0);
    return text_hex(a, hash, 6);
}

static const char *url_of(struct arena *a, const char *name)
{
    return arena_printf(a, "/%s?v=%s", name, hash_of(a, name));
}

void static_init(struct app *app, struct arena *a)
{
    struct asset css, icons;
    unsigned char hash[32];
    char *coded = arena_alloc(a, 1, 64);

    app->css = asset_find(a, "static/app.css", &css) ? css.data : "";
    crypto_hash_sha256(hash, (const unsigned char *)app->css, strlen(app->css));
    sodium_bin2base64(coded, 64, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
    app->css_hash = coded;
    app->css_url = url_of(a, "static/app.css");
    app->js_url = url_of(a, "static/app.js");
    app->icons_url = url_of(a, "static/icons.svg");
    app->icons = asset_find(a, "static/icons.svg", &icons) ? icons.data : "";
}

static const char *type_of(const char *name)
{
    static const struct {
        const char *suffix, *type;
    } types[] = { { ".css", "text/css; charset=utf-8" },
                  { ".js", "text/javascript; charset=utf-8" },
                  { ".svg", "image/svg+xml" },
                  { ".png", "image/png" },
                  { ".webmanifest", "application/manifest+json" } };
    size_t n = strlen(name);

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        size_t m = strlen(types[i].suffix);

        if (n > m && strcmp(name + n - m, types[i].suffix) == 0)
            return types[i].type;
    }
    return "application/octet-stream";
}

/* Drawings and text shrink to a third; what is a picture already doesn't shrink. */
static int asset_reply(struct req *r, const struct asset *asset)
{
    const char *body = asset->data;
    size_t size = asset->size, n;
    char *small;

    if (r->takes_gzip && gzip_bytes(r->arena, asset->data, asset->size, 9, &small, &n) &&
        n < size - size / 8) {
        body = small;
        size = n;
        r->reply.is_gzip = true;
    }
    return reply_bytes(r, 200, type_of(asset->name), body, size,
                       arena_printf(r->arena, "\"%s\"", hash_of(r->arena, asset->name)));
}

static int static_show(struct req *r)
{
    const char *name = req_arg(r, 0);
    struct asset asset;

    if (!asset_find(r->arena, arena_printf(r->arena, "static/%s", name), &asset))
        return reply_error(r, 404);
    r->reply.cache = strstr(r->target, "?v=") && !r->app->dev
                         ? "public, max-age=31536000, immutable"
                         : "no-cache";
    if (strcmp(name, "sw.js") == 0) /* it is for all pages, not for those beside it */
        reply_header(r, "Service-Worker-Allowed", "/");
    return asset_reply(r, &asset);
}

static int media_show(struct req *r)
{
    return reply_media(r, req_arg(r, 0));
}

const struct route static_routes[] = {
    { GET, "/static/{name}", MOD_NONE, PUBLIC, static_show, NULL, "A static file",
      .gives = "application/octet-stream" },
    { GET, "/media/{name}", MOD_NONE, PUBLIC, media_show, NULL, "A photo of a product",
      .gives = "image/jpeg" },
    { 0 }
};
