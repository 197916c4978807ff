/* pkt_fuzz.c - any text as a packetdrill script: it parses, or an error has a place in it; what
 * parses prints as what prints the same again. Its code is read and run with numbers for names. */
#define _GNU_SOURCE
#include "apps/pkt/print.h"
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
