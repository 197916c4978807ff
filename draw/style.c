/* style.c - the texts of a picture in the reader's language. */
#include "draw/style.h"

const char *draw_text(const draw_style *style, const char *text)
{
    return style->translate == NULL || text[0] == '\0' ? text : style->translate(text);
}
