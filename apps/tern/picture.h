/* picture.h - the style of what is drawn for the reader of a stream. */
#ifndef TERN_APPS_PICTURE_H
#define TERN_APPS_PICTURE_H

#include "draw/style.h"

#include <stdio.h>

/* As wide as the terminal, and 80 columns where there is none; coloured on a terminal, unless
 * NO_COLOR is set (no-color.org); ASCII when LC_ALL, LC_CTYPE or LANG asks for another encoding
 * than UTF-8; translated by gettext. */
draw_style picture_style(FILE *out);

#endif
