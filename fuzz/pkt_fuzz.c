/* pkt_fuzz.c - any text as a packetdrill script: it parses, or an error has a place in it; what
 * parses prints as what prints the same again. Its code is read and run with numbers for names. */
#define _GNU_SOURCE
#include "apps/pkt/code.h"
#include "apps/pkt/print.h"
#include "apps/pkt/symbols.h"
#include "fuzz/property.h"

static const pkt_define defines[] = {{"A", "5"}, {"Linux", NULL}, {"S", "\"text\""}};

/* The script printed, to be freed. */
static char *printed(const pkt_script *script, size_t *bytes)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, bytes);

    PROPERTY(out != NULL);
    pkt_print(out, script);
    PROPERTY(fclose(out) == 0 && text != NULL);
    return text;
}

static void check_error(const char *text, size_t bytes, const pkt_error *error)
{
    uint32_t lines = 1;

    for (size_t i = 0; i < bytes; i++)
        lines += text[i] == '\n' ? 1 : 0;
    PROPERTY(error->what != NULL && strlen(error->what) > 0);
    PROPERTY(error->place.line >= 1 && error->place.line <= lines);
    PROPERTY(error->place.column >= 1 && error->place.column <= bytes + 1);
    PROPERTY(strlen(error->found) < PKT_FOUND_BYTES);
}

/* ---- Code: half of all names have a value --------------------------------------------------- */

static bool name_get(void *context, const char *name, int64_t *value)
{
    (void)context;
    *value = (int64_t)strlen(name) * 3 - 7;
    if (name[0] == 'm')
        *value = INT64_MAX;
    return (name[0] & 1) != 0 || pkt_symbol(name, value);
}

static bool name_set(void *context, const char *name, int64_t value)
{
    unsigned *calls = context;

    PROPERTY(strlen(name) > 0 && strlen(name) < PKT_CODE_NAME_BYTES);
    *calls += value != 0 ? 1 : 2;
    return (name[0] & 2) != 0;
}

static void text_print(void *context, const char *text)
{
    unsigned *calls = context;

    PROPERTY(strlen(text) < 256);
    (*calls)++;
}

static void check_code(const char *text)
{
    unsigned calls = 0, line = 0;
    pkt_code_names names = {name_get, name_set, text_print, &calls};
    pkt_code *code = pkt_code_parse(text);

    PROPERTY(code != NULL);
    bool readable = pkt_code_readable(code, &line);
    pkt_code_outcome o = pkt_code_run(code, &names);
    PROPERTY(readable == (line == 0));
    PROPERTY(readable || (o.status == PKT_CODE_NEEDS_PYTHON && o.line == line && calls == 0));
    PROPERTY((o.status == PKT_CODE_HOLDS) == (o.line == 0));
    if (o.line > 0)
        PROPERTY(o.at >= text && o.at + o.bytes <= text + strlen(text));
    PROPERTY((o.status == PKT_CODE_UNKNOWN_NAME) == (o.name[0] != '\0'));
    pkt_code_free(code);
}

/* ---- Scripts -------------------------------------------------------------------------------- */

static void check_script(const pkt_script *script)
{
    size_t bytes = 0, again_bytes = 0;
    char *text = printed(script, &bytes);
    pkt_source source = {"fuzz", text, bytes, NULL, 0};
    pkt_error error;
    pkt_script *second = pkt_parse(&source, &error);

    if (second == NULL)
        fprintf(stderr, "%s\n%u:%u: %s\n", text, error.place.line, error.place.column, error.what);
    PROPERTY(second != NULL);
    for (const pkt_event *e = script->events; e != NULL; e = e->next)
        if (e->kind == PKT_EVENT_CODE)
            check_code(e->text);
    pkt_place place = {1, 1};
    const char *unknown = pkt_symbol_unknown(script, &place);
    PROPERTY(unknown == NULL || (strlen(unknown) > 0 && place.line >= 1 && place.column >= 1));
    PROPERTY(second->event_count == script->event_count);
    char *again = printed(second, &again_bytes);
    PROPERTY(bytes == again_bytes && memcmp(text, again, bytes) == 0);
    free(again);
    free(text);
    pkt_free(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char *text = (char *)property_copy(data, bytes);
    pkt_source source = {"fuzz", text, bytes, defines, sizeof defines / sizeof defines[0]};
    pkt_error error;
    pkt_script *script = pkt_parse(&source, &error);

    if (script == NULL)
        check_error(text, bytes, &error);
    else
        check_script(script);
    pkt_free(script);
    free(text);
    return 0;
}
