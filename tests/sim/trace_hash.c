/* trace_hash.c - prints the hash of each of the first runs of every theme, for comparison between
 * builds: `trace_hash COUNT`. See compilers_test.c. */
#include "tests/sim/property_fixture.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    unsigned long count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;

    if (count == 0) {
        fprintf(stderr, "usage: trace_hash COUNT\n");
        return 2;
    }
    for (unsigned theme = 0; theme < PROPERTY_THEMES; theme++)
        for (uint64_t seed = 1; seed <= count; seed++) {
            property_result result;
            property_run((property_theme)theme, seed, (property_options){.moves = false}, &result);
            printf("%s %" PRIu64 " %016" PRIx64 " %" PRIu64 "\n",
                   property_theme_name((property_theme)theme), seed, result.hash, result.packets);
        }
    return 0;
}
