/* Tables of words, compared as text_fold() makes them: no case, accents or nukta. */
#include "server/bot/bot_words.h"

#include "db/base/text.h"

#include <string.h>

/* Words of one meaning stand in one text, separated by bars. */
static const struct {
    enum word word;
    const char *texts;
} words[] = {
    { WORD_YES,
      "yes|y|haan|han|haa|ha|ji|ji haan|ji han|ok|okay|thik hai|theek hai|thik|theek"
      "|sahi|sahi hai|हाँ|हां|हा|जी|जी हाँ|जी हां|ठीक|ठीक है|सही|सही है|👍" },
    { WORD_NO, "no|n|nahi|nahin|nai|nahi ji|mat|नहीं|नही|नहि|ना|👎" },
    { WORD_BACK,
      "back|go back|wapas|vapas|wapis|vapis|waapas|piche|peeche|pichhe|peechhe|9"
      "|वापस|वापिस|पीछे|पिछला" },
    { WORD_CANCEL,
      "cancel|radd|rad|radd karo|radd karen|chhodo|chodo|rehne do|rahne do|stop"
      "|रद्द|रद्द करो|रद्द करें|छोड़ो|रहने दो|बंद करो" },
    { WORD_HELP, "help|madad|madat|sahayata|help me|?|मदद|सहायता|मदद करो" },
    { WORD_MENU, "menu|main menu|menyu|home|start over|0|मेन्यू|मेनू|मुख्य मेन्यू|शुरू" },
    { WORD_REPEAT,
      "repeat|say again|dobara|dubara|phir se|phirse|fir se|firse|*|दोबारा|दुबारा"
      "|फिर से|फिर" },
    { WORD_DONE,
      "done|finished|finish|that is all|thats all|ho gaya|hogaya|ho gya|bas|khatam"
      "|हो गया|बस|खत्म|पूरा|पूरा हुआ" },
    { WORD_SKIP, "skip|none|nothing|nahi hai|nahin hai|aage|agla|aage badho|koi nahi"
                 "|छोड़ें|नहीं है|आगे|अगला|कोई नहीं|no photo|no photos|photo nahi|photo nahin"
                 "|foto nahi|फ़ोटो नहीं" },
    { WORD_ASK,
      "ask|ask price|ask me|on request|puchho|pucho|poochho|puchhe|puchiye|dam puchhe"
      "|पूछें|पूछो|पूछिए|दाम पूछें|पूछ कर" },
    { WORD_CHANGE,
      "change|edit|correct|badlo|badle|badlen|badalna|badalna hai|sudharo|बदलें"
      "|बदलो|बदलना|बदलना है|सुधारें|सुधारो" },
    { WORD_ADD, "add|add product|add a product|new|new product|naya|naya saman|jodo|joro"
                "|saman jodo|नया|नया सामान|जोड़ो|जोड़ें|सामान जोड़ें|नया सामान जोड़ें" },
    { WORD_MINE, "my products|products|list|my list|mera saman|mere saman|suchi"
                 "|मेरा सामान|मेरे सामान|सूची|सामान" },
    { WORD_LINKS,
      "link|links|my link|my shop|shop link|dukan|meri dukan|लिंक|दुकान|मेरी दुकान"
      "|दुकान का लिंक" },
    { WORD_REGISTER,
      "register|sign up|signup|join|new here|register karo|naya hun|naya hoon"
      "|रजिस्टर|नया हूँ|नया हूं|नई हूँ|नई हूं|जुड़ना है|पंजीकरण" },
    { WORD_SIGNIN, "sign in|signin|login|log in|साइन इन|लॉगिन|लॉग इन" },
    { WORD_OWN, "this number|my number|yahi number|yehi number|यही नंबर|यह नंबर|यही" },
    { WORD_AGAIN_CODE, "new code|send again|resend|naya code|naya kod|नया कोड|फिर भेजो"
                       "|फिर भेजें" },
    { WORD_LANGUAGE, "language|bhasha|bhasa|भाषा" },
    { WORD_ENGLISH, "english|angrezi|angreji|अंग्रेज़ी|अंग्रेजी|इंग्लिश" },
    { WORD_HINDI, "hindi|हिंदी|हिन्दी" },
    { WORD_GREETING,
      "hi|hello|hey|hii|helo|namaste|namaskar|ram ram|thanks|thank you|dhanyavad"
      "|dhanyawad|shukriya|नमस्ते|नमस्कार|राम राम|धन्यवाद|शुक्रिया|🙏" },
    { WORD_MORE, "more|aur|और" },
};

static const struct {
    const char *id;
    enum word word;
} choices[] = {
    { "yes", WORD_YES },          { "no", WORD_NO },
    { "back", WORD_BACK },        { "cancel", WORD_CANCEL },
    { "help", WORD_HELP },        { "menu", WORD_MENU },
    { "done", WORD_DONE },        { "skip", WORD_SKIP },
    { "ask", WORD_ASK },          { "change", WORD_CHANGE },
    { "add", WORD_ADD },          { "mine", WORD_MINE },
    { "links", WORD_LINKS },      { "register", WORD_REGISTER },
    { "signin", WORD_SIGNIN },    { "own", WORD_OWN },
    { "again", WORD_AGAIN_CODE }, { "en", WORD_ENGLISH },
    { "hi", WORD_HINDI },         { "language", WORD_LANGUAGE },
    { "more", WORD_MORE },
};

/* The message without marks at its ends, folded. */
static const char *plain(struct arena *a, const char *text)
{
    char *s = text_fold(a, text);
    size_t n = strlen(s);

    while (n > 1 && strchr("!.,;:", s[n - 1]))
        s[--n] = '\0';
    if (n > 3 && strcmp(s + n - 3, "।") == 0)
        s[n - 3] = '\0';
    return s;
}

bool words_among(struct arena *a, const char *word, const char *texts)
{
    size_t n;

    for (const char *p = texts; *p; p += n + (p[n] == '|')) {
        n = strcspn(p, "|");
        if (strcmp(text_fold(a, arena_dupn(a, p, n)), word) == 0)
            return true;
    }
    return false;
}

bool words_title(struct arena *a, const char *text, const char *title)
{
    const char *said = plain(a, text), *whole = plain(a, title);
    const char *words = whole + strspn(whole, "0123456789 ");

    return *said && (strcmp(said, whole) == 0 || strcmp(said, words) == 0);
}

enum word word_of(struct arena *a, const char *text)
{
    const char *s;

    if (strlen(text) > 60)
        return WORD_NONE;
    s = plain(a, text);
    for (size_t i = 0; *s && i < sizeof words / sizeof *words; i++)
        if (words_among(a, s, words[i].texts))
            return words[i].word;
    return WORD_NONE;
}

enum word word_of_choice(const char *choice)
{
    size_t n = strcspn(choice, "#");

    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        if (strlen(choices[i].id) == n && strncmp(choices[i].id, choice, n) == 0)
            return choices[i].word;
    return WORD_NONE;
}

/* States by name; a name that is part of another stands behind it. */
static const struct {
    const char *code, *names;
} states[] = {
    { "01", "jammu|kashmir|जम्मू|कश्मीर" },
    { "02", "himachal|हिमाचल" },
    { "03", "punjab|पंजाब" },
    { "04", "chandigarh|चंडीगढ़" },
    { "05", "uttarakhand|uttaranchal|उत्तराखंड|उत्तराखण्ड" },
    { "06", "haryana|हरियाणा" },
    { "07", "delhi|dilli|दिल्ली" },
    { "08", "rajasthan|राजस्थान" },
    { "09", "uttar pradesh|up|u.p.|उत्तर प्रदेश|यूपी" },
    { "10", "bihar|बिहार" },
    { "11", "sikkim|सिक्किम" },
    { "12", "arunachal|अरुणाचल" },
    { "13", "nagaland|नागालैंड" },
    { "14", "manipur|मणिपुर" },
    { "15", "mizoram|मिज़ोरम" },
    { "16", "tripura|त्रिपुरा" },
    { "17", "meghalaya|मेघालय" },
    { "18", "assam|असम" },
    { "19", "west bengal|bengal|पश्चिम बंगाल|बंगाल" },
    { "20", "jharkhand|झारखंड|झारखण्ड" },
    { "21", "odisha|orissa|ओडिशा|उड़ीसा" },
    { "22", "chhattisgarh|chattisgarh|छत्तीसगढ़" },
    { "23", "madhya pradesh|mp|m.p.|मध्य प्रदेश|एमपी" },
    { "24", "gujarat|गुजरात" },
    { "26", "daman|dadra|दमन|दादरा" },
    { "27", "maharashtra|महाराष्ट्र" },
    { "29", "karnataka|कर्नाटक" },
    { "30", "goa|गोवा" },
    { "31", "lakshadweep|लक्षद्वीप" },
    { "32", "kerala|केरल" },
    { "33", "tamil nadu|tamilnadu|तमिलनाडु|तमिल नाडु" },
    { "34", "puducherry|pondicherry|पुदुचेरी|पुडुचेरी" },
    { "35", "andaman|अंडमान" },
    { "36", "telangana|तेलंगाना" },
    { "37", "andhra|आंध्र|आन्ध्र" },
    { "38", "ladakh|लद्दाख" },
};

/* Where the word stands as a whole one, from 1; 0: not ("up" is not in "Jaipur"). */
static size_t word_place(const char *text, const char *word)
{
    size_t n = strlen(word), place = 0;

    for (const char *p = text; (p = strstr(p, word)); p += n) {
        bool front = p == text || strchr(" ,.-/(\n\t", p[-1]);

        if (front && (!p[n] || strchr(" ,.-/)\n\t", p[n])))
            place = (size_t)(p - text) + 1;
    }
    return place;
}

const char *words_state(struct arena *a, const char *text)
{
    const char *s = text_fold(a, text), *code = NULL;
    size_t n, last = 0;

    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        for (const char *p = states[i].names; *p; p += n + (p[n] == '|')) {
            size_t place;

            n = strcspn(p, "|");
            place = word_place(s, text_fold(a, arena_dupn(a, p, n)));
            if (place > last) {
                last = place;
                code = states[i].code;
            }
        }
    return code;
}
