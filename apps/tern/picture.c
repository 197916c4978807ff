/* picture.c - the style of what is drawn for the reader of a stream.
 *
 * The encoding is taken from the environment and not from the locale that main() has set: in a
 * container without locales that is "C", while the terminal outside shows UTF-8. */
#define _GNU_SOURCE
#include "apps/tern/picture.h"

#include "apps/tern/i18n.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { PICTURE_COLUMNS = 80 };

static const char *picture_translate(const char *text)
{
    return gettext(text);
}

static bool picture_is_ascii(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && *value != '\0')
            return strcasestr(value, "utf-8") == NULL && strcasestr(value, "utf8") == NULL;
    }
    return false;
}

draw_style picture_style(FILE *out)
{
    struct winsize window = {0};
    const char *no_colour = getenv("NO_COLOR");
    bool terminal = isatty(fileno(out)) != 0;

    if (!terminal || ioctl(fileno(out), TIOCGWINSZ, &window) < 0 || window.ws_col == 0)
        window.ws_col = PICTURE_COLUMNS;
    return (draw_style){.width = window.ws_col,
                        .ascii = picture_is_ascii(),
                        .colour = terminal && (no_colour == NULL || *no_colour == '\0'),
                        .translate = picture_translate};
}
