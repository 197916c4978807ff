/* spelling.c - how unlike two words are. */
#include "apps/tern/spelling.h"

#include <string.h>

size_t spelling_distance(const char *word, const char *there)
{
    size_t row[SPELLING_WORD_BYTES + 1], length = strlen(there);

    if (length > SPELLING_WORD_BYTES)
        return length;
    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (; *word != '\0'; word++) {
        size_t diagonal = row[0]++;
        for (size_t j = 1; j <= length; j++) {
            size_t changed = diagonal + (*word == there[j - 1] ? 0 : 1);
            size_t least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            diagonal = row[j];
            row[j] = changed < least ? changed : least;
        }
    }
    return row[length];
}
