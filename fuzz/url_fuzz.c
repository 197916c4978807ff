/* url_fuzz.c - any text as a URL: what is accepted can be put into a request line as it is. */
#include "apps/tern/url.h"
#include "fuzz/property.h"

static void check_accepted(const char *text, const url *u)
{
    char again[URL_HOST_BYTES + URL_TARGET_BYTES + 32];
    url second;

    PROPERTY(u->host[0] != '\0' && strlen(u->host) < URL_HOST_BYTES);
    PROPERTY(u->port > 0);
    PROPERTY(u->target[0] == '/' && strlen(u->target) < URL_TARGET_BYTES);
    for (const char *p = u->target; *p != '\0'; p++)
        PROPERTY(*p > ' ' && *p <= '~' && *p != '#');
    PROPERTY(strstr(text, u->host) != NULL);

    snprintf(again, sizeof again, "http://%s%s%s:%u%s", u->bracketed ? "[" : "", u->host,
             u->bracketed ? "]" : "", (unsigned)u->port, u->target);
    PROPERTY(url_parse(again, &second) == URL_OK);
    PROPERTY(strcmp(second.host, u->host) == 0 && strcmp(second.target, u->target) == 0);
    PROPERTY(second.port == u->port && second.bracketed == u->bracketed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char *text = malloc(bytes + 1);
    url u;

    PROPERTY(text != NULL);
    if (bytes > 0)
        memcpy(text, data, bytes);
    text[bytes] = '\0';
    if (url_parse(text, &u) == URL_OK)
        check_accepted(text, &u);
    free(text);
    return 0;
}
