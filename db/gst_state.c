/* Codes as in the first two digits of a GSTIN: 25 was merged into 26, 28 was Andhra
 * Pradesh before Telangana. Of the beginnings of PIN codes longer ones stand before
 * shorter ones. */
#include "db/gst_state.h"

#include "db/base/text.h"

#include <string.h>

static const struct {
    const char *code, *name;
} states[] = {
    { "01", "Jammu and Kashmir" },
    { "02", "Himachal Pradesh" },
    { "03", "Punjab" },
    { "04", "Chandigarh" },
    { "05", "Uttarakhand" },
    { "06", "Haryana" },
    { "07", "Delhi" },
    { "08", "Rajasthan" },
    { "09", "Uttar Pradesh" },
    { "10", "Bihar" },
    { "11", "Sikkim" },
    { "12", "Arunachal Pradesh" },
    { "13", "Nagaland" },
    { "14", "Manipur" },
    { "15", "Mizoram" },
    { "16", "Tripura" },
    { "17", "Meghalaya" },
    { "18", "Assam" },
    { "19", "West Bengal" },
    { "20", "Jharkhand" },
    { "21", "Odisha" },
    { "22", "Chhattisgarh" },
    { "23", "Madhya Pradesh" },
    { "24", "Gujarat" },
    { "26", "Dadra and Nagar Haveli and Daman and Diu" },
    { "27", "Maharashtra" },
    { "29", "Karnataka" },
    { "30", "Goa" },
    { "31", "Lakshadweep" },
    { "32", "Kerala" },
    { "33", "Tamil Nadu" },
    { "34", "Puducherry" },
    { "35", "Andaman and Nicobar Islands" },
    { "36", "Telangana" },
    { "37", "Andhra Pradesh" },
    { "38", "Ladakh" },
};

/* "from" to "to": beginnings of PIN codes, both included. */
static const struct {
    const char *from, *to, *code;
} pins[] = {
    { "11", "11", "07" },     { "12", "13", "06" },   { "160", "160", "04" },
    { "14", "16", "03" },     { "17", "17", "02" },   { "194", "194", "38" },
    { "18", "19", "01" },     { "246", "246", "05" }, { "248", "249", "05" },
    { "263", "263", "05" },   { "20", "28", "09" },   { "30", "34", "08" },
    { "3962", "3962", "26" }, { "36", "39", "24" },   { "403", "403", "30" },
    { "40", "44", "27" },     { "45", "48", "23" },   { "49", "49", "22" },
    { "50", "50", "36" },     { "51", "53", "37" },   { "56", "59", "29" },
    { "605", "605", "34" },   { "60", "66", "33" },   { "6825", "6825", "31" },
    { "67", "69", "32" },     { "737", "737", "11" }, { "744", "744", "35" },
    { "70", "74", "19" },     { "75", "77", "21" },   { "78", "78", "18" },
    { "790", "792", "12" },   { "793", "794", "17" }, { "795", "795", "14" },
    { "796", "796", "15" },   { "797", "798", "13" }, { "799", "799", "16" },
    { "814", "816", "20" },   { "822", "822", "20" }, { "825", "835", "20" },
    { "80", "85", "10" },
};

const char *gst_state_code(size_t n)
{
    return n < sizeof states / sizeof *states ? states[n].code : NULL;
}

const char *gst_state_name(const char *code)
{
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(states[i].code, code) == 0)
            return states[i].name;
    return NULL;
}

bool gst_state_known(const char *code)
{
    return gst_state_name(code) != NULL;
}

static const char *pin_state(const char *pin)
{
    for (size_t i = 0; i < sizeof pins / sizeof *pins; i++) {
        size_t n = strlen(pins[i].from);

        if (strncmp(pin, pins[i].from, n) >= 0 && strncmp(pin, pins[i].to, n) <= 0)
            return pins[i].code;
    }
    return NULL;
}

/* Six digits, also as "411 001". */
static bool pin_read(const char *s, char pin[7])
{
    size_t n = strspn(s, "0123456789");
    const char *rest = s + n;

    if (*s == '0')
        return false;
    if (n == 6) {
        memcpy(pin, s, 6);
        return true;
    }
    if (n != 3 || *rest != ' ' || strspn(rest + 1, "0123456789") != 3)
        return false;
    memcpy(pin, s, 3);
    memcpy(pin + 3, rest + 1, 3);
    return true;
}

const char *gst_state_of_address(struct arena *a, const char *address)
{
    char pin[7] = "";
    const char *s = text_digits(a, address);

    for (s += strcspn(s, "0123456789"); *s; s += strcspn(s, "0123456789")) {
        if (pin_read(s, pin))
            return pin_state(pin);
        s += strspn(s, "0123456789");
    }
    return NULL;
}
