/* Numbers as they are said: Hindi has words of its own for one and a half, two and a half
 * and the quarters ("sava", "sadhe", "paune"), which stand before hundreds and thousands.
 * All is reckoned in thousandths. */
#include "server/bot/bot_words.h"

#include "db/base/text.h"

#include <string.h>

#define PRICE_MOST ((int64_t)1000000000) /* paise */
#define QTY_MOST ((int64_t)1000000000)   /* thousandths */

static const struct {
    int value; /* thousandths of one */
    const char *texts;
} numbers[] = {
    { 1000, "ek|one|एक" },
    { 1500, "dedh|derh|डेढ़" },
    { 2000, "do|two|दो" },
    { 2500, "dhai|adhai|ढाई|अढाई" },
    { 3000, "teen|tin|three|तीन" },
    { 4000, "char|chaar|four|चार" },
    { 5000, "paanch|panch|pach|five|पाँच|पांच" },
    { 6000, "chhe|che|chah|six|छह|छः|छे" },
    { 7000, "saat|sat|seven|सात" },
    { 8000, "aath|ath|eight|आठ" },
    { 9000, "nau|nine|नौ" },
    { 10000, "das|ten|दस" },
    { 11000, "gyarah|eleven|ग्यारह" },
    { 12000, "barah|twelve|बारह" },
    { 13000, "terah|thirteen|तेरह" },
    { 14000, "chaudah|fourteen|चौदह" },
    { 15000, "pandrah|fifteen|पंद्रह|पन्द्रह" },
    { 16000, "solah|sixteen|सोलह" },
    { 17000, "satrah|seventeen|सत्रह" },
    { 18000, "atharah|attharah|eighteen|अठारह|अट्ठारह" },
    { 19000, "unnis|nineteen|उन्नीस" },
    { 20000, "bees|bis|twenty|बीस" },
    { 21000, "ikkis|इक्कीस" },
    { 22000, "bais|बाईस" },
    { 23000, "teis|तेईस" },
    { 24000, "chaubis|चौबीस" },
    { 25000, "pachchis|pachees|pacchis|पच्चीस" },
    { 26000, "chhabbis|छब्बीस" },
    { 27000, "sattais|सत्ताईस|सत्ताइस" },
    { 28000, "atthais|अट्ठाईस|अट्ठाइस" },
    { 29000, "untis|उनतीस" },
    { 30000, "tees|tis|thirty|तीस" },
    { 31000, "iktis|इकतीस" },
    { 32000, "battis|बत्तीस" },
    { 33000, "taintis|तैंतीस" },
    { 34000, "chauntis|चौंतीस" },
    { 35000, "paintis|पैंतीस" },
    { 36000, "chhattis|छत्तीस" },
    { 37000, "saintis|सैंतीस" },
    { 38000, "adtis|अड़तीस" },
    { 39000, "untalis|उनतालीस" },
    { 40000, "chalis|chaalis|forty|चालीस" },
    { 41000, "iktalis|इकतालीस" },
    { 42000, "bayalis|बयालीस" },
    { 43000, "taintalis|तैंतालीस" },
    { 44000, "chauvalis|चौवालीस|चवालीस" },
    { 45000, "paintalis|पैंतालीस" },
    { 46000, "chhiyalis|छियालीस" },
    { 47000, "saintalis|सैंतालीस" },
    { 48000, "adtalis|अड़तालीस" },
    { 49000, "unchas|उनचास" },
    { 50000, "pachas|pachaas|fifty|पचास" },
    { 51000, "ikyavan|इक्यावन" },
    { 52000, "bavan|बावन" },
    { 53000, "tirpan|तिरपन" },
    { 54000, "chauvan|चौवन" },
    { 55000, "pachpan|पचपन" },
    { 56000, "chhappan|छप्पन" },
    { 57000, "sattavan|सत्तावन" },
    { 58000, "atthavan|अट्ठावन" },
    { 59000, "unsath|उनसठ" },
    { 60000, "saath|sixty|साठ" },
    { 61000, "iksath|इकसठ" },
    { 62000, "basath|बासठ" },
    { 63000, "tirsath|तिरसठ" },
    { 64000, "chaunsath|चौंसठ" },
    { 65000, "painsath|पैंसठ" },
    { 66000, "chhiyasath|छियासठ" },
    { 67000, "sadsath|सड़सठ" },
    { 68000, "adsath|अड़सठ" },
    { 69000, "unhattar|उनहत्तर" },
    { 70000, "sattar|seventy|सत्तर" },
    { 71000, "ikhattar|इकहत्तर" },
    { 72000, "bahattar|बहत्तर" },
    { 73000, "tihattar|तिहत्तर" },
    { 74000, "chauhattar|चौहत्तर" },
    { 75000, "pachhattar|pachattar|पचहत्तर" },
    { 76000, "chhihattar|छिहत्तर" },
    { 77000, "sathattar|सतहत्तर" },
    { 78000, "athhattar|अठहत्तर" },
    { 79000, "unasi|उनासी" },
    { 80000, "assi|eighty|अस्सी" },
    { 81000, "ikyasi|इक्यासी" },
    { 82000, "bayasi|बयासी" },
    { 83000, "tirasi|तिरासी" },
    { 84000, "chaurasi|चौरासी" },
    { 85000, "pachasi|पचासी" },
    { 86000, "chhiyasi|छियासी" },
    { 87000, "sattasi|सत्तासी" },
    { 88000, "atthasi|अट्ठासी" },
    { 89000, "navasi|नवासी" },
    { 90000, "nabbe|ninety|नब्बे" },
    { 91000, "ikyanve|इक्यानवे" },
    { 92000, "banve|बानवे" },
    { 93000, "tiranve|तिरानवे" },
    { 94000, "chauranve|चौरानवे" },
    { 95000, "pachanve|पचानवे" },
    { 96000, "chhiyanve|छियानवे" },
    { 97000, "sattanve|सत्तानवे" },
    { 98000, "atthanve|अट्ठानवे" },
    { 99000, "ninyanve|निन्यानवे" },
};

static const struct {
    int64_t times;
    const char *texts;
} scales[] = {
    { 100, "sau|so|hundred|सौ" },
    { 1000, "hazaar|hazar|hajar|thousand|हज़ार|हजार" },
    { 100000, "lakh|laakh|लाख" },
};

static const struct {
    int add; /* to the next number */
    const char *texts;
} quarters[] = {
    { 250, "sava|sawa|सवा" },
    { 500, "sadhe|saadhe|साढ़े" },
    { -250, "paune|pone|पौने" },
};

/* Units people name, with the decimals that they have here. */
static const struct {
    const char *en, *hi;
    int decimals, times;
    const char *texts;
} units[] = {
    { "dozen", "दर्जन", 0, 12, "dozen|dozens|darjan|दर्जन" },
    { "piece", "नग", 0, 1,
      "piece|pieces|pc|pcs|pcs.|nos|no.|nag|adad|pis|पीस|नग|अदद|pics" },
    { "kg", "किलो", 3, 1, "kg|kgs|kilo|kilos|kilogram|किलो|किग्रा|किलोग्राम" },
    { "g", "ग्राम", 0, 1, "g|gm|gms|gram|grams|ग्राम" },
    { "litre", "लीटर", 3, 1, "litre|litres|liter|liters|l|ltr|लीटर" },
    { "ml", "मिली", 0, 1, "ml|मिली" },
    { "metre", "मीटर", 2, 1, "metre|metres|meter|meters|m|mtr|मीटर" },
    { "box", "डिब्बा", 0, 1, "box|boxes|dibba|dibbe|डिब्बा|डिब्बे" },
    { "packet", "पैकेट", 0, 1, "packet|packets|pack|packs|पैकेट" },
    { "pair", "जोड़ी", 0, 1, "pair|pairs|jodi|jodis|जोड़ी|जोड़े" },
};

struct said {
    int64_t total, part; /* thousandths */
    int64_t least;       /* the smallest of thousand and lakh said so far */
    int add;
    bool any;
};

/* Adds one word to the number; false when it is no number word. */
static bool said_add(struct arena *a, struct said *s, const char *word)
{
    if (s->total + s->part >= 100000 && words_among(a, word, "and|aur|और"))
        return true;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (words_among(a, word, numbers[i].texts)) {
            s->part += numbers[i].value + s->add;
            s->add = 0;
            return s->any = true;
        }
    for (size_t i = 0; i < sizeof quarters / sizeof *quarters; i++)
        if (words_among(a, word, quarters[i].texts)) {
            s->add = quarters[i].add;
            return true;
        }
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++)
        if (words_among(a, word, scales[i].texts)) {
            s->part = (s->part ? s->part : 1000 + s->add) * scales[i].times;
            s->add = 0;
            if (scales[i].times > 100) {
                if (s->least && scales[i].times >= s->least)
                    return false;
                s->least = scales[i].times;
                s->total += s->part;
                s->part = 0;
            }
            return s->any = true;
        }
    return false;
}

/* A number in words, in thousandths; `words` is taken apart. */
static bool number_said(struct arena *a, const char *text, int64_t *milli)
{
    char *save = NULL, *words = arena_dup(a, text);
    struct said s = { 0 };
    int count = 0;

    for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save))
        if (++count > 8 || !said_add(a, &s, w) || s.part > QTY_MOST * 10)
            return false;
    *milli = s.total + s.part;
    return s.any && s.add == 0 && *milli > 0;
}

/* Cuts `mark` off the front or the end; true when it was there. */
static bool strip(char **s, const char *mark)
{
    size_t n = strlen(*s), m = strlen(mark);

    if (n > m && strncmp(*s, mark, m) == 0) {
        *s += m + strspn(*s + m, " .:");
        return true;
    }
    if (n > m && strcmp(*s + n - m, mark) == 0) {
        (*s)[n - m] = '\0';
        for (n -= m; n > 0 && (*s)[n - 1] == ' '; n--)
            (*s)[n - 1] = '\0';
        return true;
    }
    return false;
}

/* The text without the signs of money; `*marked` when there were any. */
static char *money_plain(struct arena *a, const char *text, bool *marked)
{
    static const char *const marks[] = {
        "/-",      "/=",    "only",  "each",   "rupees", "rupee", "rupaye",
        "rupaiye", "rupay", "rupya", "rupiya", "rs.",    "rs",    "inr",
        "₹",       "रुपये",   "रुपए",   "रुपया",   "रु.",     "रु",     ".-",
        "price",   "dam",   "दाम",   "कीमत",   "per piece", "a piece",
        "ka ek",   "ek ka", "का एक", "एक का",
    };
    char *s = text_fold(a, text);

    *marked = false;
    for (int round = 0; round < 3; round++)
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
            *marked |= strip(&s, text_fold(a, marks[i]));
    return s;
}

bool words_price(struct arena *a, const char *text, int64_t *paise)
{
    bool marked;
    char *s;
    int64_t milli;

    if (strlen(text) > 100)
        return false;
    s = money_plain(a, text, &marked);
    if (!text_number(s, 2, 2, paise)) {
        if (!number_said(a, s, &milli))
            return false;
        *paise = milli / 10;
    }
    return *paise > 0 && *paise <= PRICE_MOST;
}

bool words_quantity(struct arena *a, const char *text, struct quantity *out)
{
    char *s, *end;
    int64_t times = 1;

    *out = (struct quantity) { 0 };
    if (strlen(text) > 60)
        return false;
    s = text_fold(a, text);
    end = strrchr(s, ' ');
    if (!end) /* "10kg" */
        end = s + strspn(s, "0123456789.,") - 1;
    for (size_t i = 0; end >= s && end[1] && i < sizeof units / sizeof *units; i++)
        if (words_among(a, end + 1, units[i].texts)) {
            bool is_dozen = units[i].times > 1;

            out->unit_en = is_dozen ? "piece" : units[i].en;
            out->unit_hi = is_dozen ? "नग" : units[i].hi;
            out->decimals = units[i].decimals;
            times = units[i].times;
            end[*end != ' '] = '\0';
            break;
        }
    if (!text_number(s, 3, 3, &out->milli) && !number_said(a, s, &out->milli))
        return false;
    out->milli = out->milli < QTY_MOST ? out->milli * times : 0;
    return out->milli > 0 && out->milli <= QTY_MOST &&
           (out->decimals == 3 || out->milli % (out->decimals == 2 ? 10 : 1000) == 0);
}

bool words_count(struct arena *a, const char *text, int64_t *n)
{
    char *s;

    if (strlen(text) > 60)
        return false;
    s = text_fold(a, text);
    strip(&s, "photos");
    strip(&s, "photo");
    strip(&s, text_fold(a, "फोटो"));
    if (text_number(s, 0, 0, n))
        return true;
    if (!number_said(a, s, n) || *n % 1000)
        return false;
    *n /= 1000;
    return true;
}

/* The longest run of words from `i` on that is a price with a sign of money. Without one
 * only digits at the end count: "5 inch" and "do rang ka" are no prices. */
static size_t price_run(struct arena *a, char **w, size_t count, size_t i, bool bare,
                        int64_t *price)
{
    int64_t n_only;

    if (bare)
        return i + 1 == count && text_number(w[i], 2, 2, &n_only) &&
               words_price(a, w[i], price);
    for (size_t n = count - i < 4 ? count - i : 4; n > 0; n--) {
        const char *run = w[i];
        bool marked;

        for (size_t k = 1; k < n; k++)
            run = arena_printf(a, "%s %s", run, w[i + k]);
        money_plain(a, run, &marked);
        if (marked && words_price(a, run, price))
            return n;
    }
    return 0;
}

void words_caption(struct arena *a, const char *caption, int64_t *price,
                   const char **rest)
{
    char *save = NULL, *copy = arena_dup(a, caption), *w[60];
    const char *left = "";
    size_t count = 0, from = 0, run = 0;

    *price = 0;
    for (char *t = strtok_r(copy, " \n\t", &save); t && count < 60;
         t = strtok_r(NULL, " \n\t", &save))
        w[count++] = t;
    for (int bare = 0; bare < 2 && !run; bare++)
        for (size_t i = 0; i < count && !run; i++) {
            from = i;
            run = price_run(a, w, count, i, bare, price);
        }
    for (size_t i = 0; i < count; i++)
        if (!run || i < from || i >= from + run)
            left = *left ? arena_printf(a, "%s %s", left, w[i]) : w[i];
    *rest = text_trim(a, left, strlen(left), false);
    if (!run)
        *price = 0;
}
