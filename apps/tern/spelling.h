/* spelling.h - how unlike two words are, to name the nearest of what there is. */
#ifndef TERN_APPS_SPELLING_H
#define TERN_APPS_SPELLING_H

#include <stddef.h>

enum { SPELLING_WORD_BYTES = 63 }; /* of the second word, at most */

/* Insertions, deletions and changes of one letter that make `there` of `word` (Levenshtein). */
size_t spelling_distance(const char *word, const char *there);

#endif
