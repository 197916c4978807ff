/* pkt_fixture.c - one script at a time. */
#define _GNU_SOURCE
#include "tests/unit/apps/pkt_fixture.h"

#include "apps/pkt/print.h"
#include "tests/test.h"

#include <stdlib.h>

static pkt_script *fixture_script;
static char *fixture_text;
static char fixture_error[256];

static void fixture_forget(void)
{
    pkt_free(fixture_script);
    free(fixture_text);
    fixture_script = NULL;
    fixture_text = NULL;
}

const char *pkt_refused(const char *text)
{
    pkt_source source = {"test.pkt", text, strlen(text), NULL, 0};
    pkt_error e;

    fixture_forget();
    fixture_script = pkt_parse(&source, &e);
    if (fixture_script != NULL)
        test_fail(__FILE__, __LINE__, "this parses: %s", text);
    snprintf(fixture_error, sizeof fixture_error, "%u:%u: %s%s%s%s", e.place.line, e.place.column,
             e.expected ? "expected " : "", e.what, e.expected ? ", found " : "",
             !e.expected          ? ""
             : e.found[0] != '\0' ? e.found
                                  : "the end");
    return fixture_error;
}

const pkt_script *pkt_parsed_with(const char *text, const pkt_define *defines, size_t count)
{
    pkt_source source = {"test.pkt", text, strlen(text), defines, count};
    pkt_error e;

    fixture_forget();
    fixture_script = pkt_parse(&source, &e);
    if (fixture_script == NULL)
        test_fail(__FILE__, __LINE__, "%u:%u: %s (found %s)", e.place.line, e.place.column, e.what,
                  e.found);
    return fixture_script;
}

const pkt_script *pkt_parsed(const char *text)
{
    return pkt_parsed_with(text, NULL, 0);
}

const pkt_event *pkt_first(const char *text)
{
    const pkt_script *script = pkt_parsed(text);

    CHECK(script->events != NULL);
    return script->events;
}

const char *pkt_printed(const char *text)
{
    size_t bytes = 0;
    FILE *out;

    (void)pkt_parsed(text);
    out = open_memstream(&fixture_text, &bytes);
    CHECK(out != NULL);
    pkt_print(out, fixture_script);
    fclose(out);
    return fixture_text;
}
