/* columns.h - how wide a text is on a terminal, and where it may be broken. UTF-8 in; octets that
 * are not UTF-8 count as one column each and are never split from their neighbours wrongly. */
#ifndef TERN_DRAW_COLUMNS_H
#define TERN_DRAW_COLUMNS_H

#include <stddef.h>
#include <stdint.h>

/* Reads one character of at most `bytes` (> 0) octets and returns its octets, at least 1. What is
 * not UTF-8 reads as U+FFFD of one octet. */
size_t columns_decode(const char *text, size_t bytes, uint32_t *character);

/* 0 for a combining or a control character, 2 for an East Asian wide one, else 1. */
unsigned columns_of_character(uint32_t character);

/* Of the first `bytes` octets of a text. */
unsigned columns_of(const char *text, size_t bytes);
/* Of a whole text. */
unsigned columns_text(const char *text);

/* The first line of a text that is to be wrapped: how many octets of it to print, in at most
 * `columns`; *next is where the rest begins. Breaks at blanks; a word that is too long by itself
 * after '/', '-' or ',', and if that does not do, between characters. 0 with *next == 0: the text
 * is at its end. */
size_t columns_wrap(const char *text, unsigned columns, size_t *next);

#endif
