/* documented_test.c - docs/SOCKETS.md names each option and each call that the layer knows. */
#define _GNU_SOURCE
#include "tests/test.h"

#include <ctype.h>
#include <stdlib.h>

static char *file_text(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t room = 0;

    CHECK(file != NULL);
    CHECK(getdelim(&text, &room, '\0', file) > 0);
    CHECK(fclose(file) == 0);
    return text;
}

/* Is the name there, and not as a part of another? */
static bool names(const char *text, const char *name)
{
    size_t bytes = strlen(name);

    for (const char *at = strstr(text, name); at != NULL; at = strstr(at + 1, name))
        if (!isalnum(at[bytes]) && at[bytes] != '_' && (at == text || at[-1] != '_'))
            return true;
    return false;
}

/* Each word of the file that begins with the prefix; how many there were. */
static unsigned check_words(const char *path, const char *prefix, const char *page)
{
    char *text = file_text(path), name[64];
    unsigned count = 0;

    for (const char *at = strstr(text, prefix); at != NULL; at = strstr(at + 1, prefix)) {
        size_t bytes = strspn(at,
                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
        if (at > text && (isalnum(at[-1]) || at[-1] == '_'))
            continue;
        CHECK(bytes < sizeof name);
        memcpy(name, at, bytes);
        name[bytes] = '\0';
        if (!names(page, name))
            test_fail(__FILE__, __LINE__, "docs/SOCKETS.md: no word of %s (%s)", name, path);
        count++;
    }
    free(text);
    return count;
}

TEST(page_names_each_option)
{
    static const char *const prefixes[] = {"SO_",    "TCP_",   "IPV6_V", "IPV6_U",
                                           "IPV6_T", "IPV6_M", "IP_T",   "IP_M"};
    char *page = file_text("docs/SOCKETS.md");

    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        CHECK(check_words("socket/sockopt.c", prefixes[i], page) > 0);
    free(page);
}

TEST(page_names_each_field_of_tcp_info)
{
    char *page = file_text("docs/SOCKETS.md");

    CHECK(check_words("socket/info.c", "tcpi_", page) > 30);
    free(page);
}
