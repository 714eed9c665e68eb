/* A counter of the places taken; who finds none waits, unless too many do already. */
#include "hasher.h"

#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAITING_MAX = 16, PASSES = 2, MEMORY = 19 * 1024 * 1024 };

_Static_assert(HASHER_TEXT >= crypto_pwhash_STRBYTES, "a hash as text fits");

struct hasher {
    pthread_mutex_t lock;
    pthread_cond_t left;
    int free, waiting;
    char nobody[HASHER_TEXT]; /* compared with where there is no hash; no password has it */
};

static bool make(const char *password, char hash[HASHER_TEXT])
{
    return crypto_pwhash_str(hash, password, strlen(password), PASSES, MEMORY) == 0;
}

/* Salt and hash at random, in the form of crypto_pwhash_str (PHC string format): made at
 * once, where hashing some password would hold up the start. */
static void nobody_make(char text[HASHER_TEXT])
{
    enum { VARIANT = sodium_base64_VARIANT_ORIGINAL_NO_PADDING };
    unsigned char bytes[crypto_pwhash_SALTBYTES + 32];
    char salt[sodium_base64_ENCODED_LEN(crypto_pwhash_SALTBYTES, VARIANT)];
    char hash[sodium_base64_ENCODED_LEN(32, VARIANT)];

    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(salt, sizeof salt, bytes, crypto_pwhash_SALTBYTES, VARIANT);
    sodium_bin2base64(hash, sizeof hash, bytes + crypto_pwhash_SALTBYTES, 32, VARIANT);
    snprintf(text, HASHER_TEXT, "$argon2id$v=19$m=%u,t=%u,p=1$%s$%s", MEMORY / 1024U,
             PASSES + 0U, salt, hash);
}

struct hasher *hasher_new(int at_once)
{
    struct hasher *h = calloc(1, sizeof *h);

    assert(h && at_once > 0);
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->left, NULL);
    h->free = at_once;
    nobody_make(h->nobody);
    if (crypto_pwhash_str_needs_rehash(h->nobody, PASSES, MEMORY) != 0) {
        hasher_free(h); /* not in the form: comparing with it would be no work */
        h = NULL;
    }
    return h;
}

void hasher_free(struct hasher *h)
{
    if (!h)
        return;
    pthread_cond_destroy(&h->left);
    pthread_mutex_destroy(&h->lock);
    free(h);
}

static bool enter(struct hasher *h)
{
    bool may;

    pthread_mutex_lock(&h->lock);
    may = h->free > 0 || h->waiting < WAITING_MAX;
    if (may) {
        h->waiting++;
        while (h->free == 0)
            pthread_cond_wait(&h->left, &h->lock);
        h->waiting--;
        h->free--;
    }
    pthread_mutex_unlock(&h->lock);
    return may;
}

static void leave(struct hasher *h)
{
    pthread_mutex_lock(&h->lock);
    h->free++;
    pthread_cond_signal(&h->left);
    pthread_mutex_unlock(&h->lock);
}

bool hasher_make(struct hasher *h, const char *password, char hash[HASHER_TEXT])
{
    bool done;

    if (!enter(h))
        return false;
    done = make(password, hash);
    leave(h);
    return done;
}

enum hasher_rc hasher_verify(struct hasher *h, const char *hash, const char *password)
{
    bool same;

    if (!enter(h))
        return HASHER_BUSY;
    same = crypto_pwhash_str_verify(hash ? hash : h->nobody, password,
                                    strlen(password)) == 0;
    leave(h);
    return hash && same ? HASHER_RIGHT : HASHER_WRONG;
}
