/* symbols.c - symbols.def as a table.
 *
 * The numbers are written down and not taken from this system's headers, so that a script means the
 * same wherever tern runs. */
#include "apps/pkt/symbols.h"

#include <stddef.h>
#include <string.h>

typedef struct symbol {
    const char *name;
    int64_t number;
} symbol;

static const symbol symbols[] = {
#define SYMBOL(name, number)       {#name, number},
#define SYMBOL_NEWER(name, number) {#name, number},
#include "apps/pkt/symbols.def"
#undef SYMBOL
#undef SYMBOL_NEWER
};

bool pkt_symbol(const char *name, int64_t *number)
{
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        if (strcmp(symbols[i].name, name) == 0) {
            *number = symbols[i].number;
            return true;
        }
    }
    return false;
}

const char *pkt_errno_name(int number)
{
    static const char first[] = "EPERM"; /* the errors stand together, this one first */
    size_t i = 0;

    while (strcmp(symbols[i].name, first) != 0)
        i++;
    for (; i < sizeof symbols / sizeof symbols[0] && symbols[i].name[0] == 'E'; i++)
        if (symbols[i].number == number)
            return symbols[i].name;
    return NULL;
}
