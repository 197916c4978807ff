/* compilers_test.c - the same seed gives the same trace from a gcc and from a clang build. */
#define _GNU_SOURCE
#include "tests/test.h"

#include <stdlib.h>
#include <sys/wait.h>

enum { SKIPPED = 77 };

TEST(gcc_and_clang_leave_the_same_trace)
{
    int status = system("sh tests/sim/same_hash.sh");
    CHECK(WIFEXITED(status));
    if (WEXITSTATUS(status) == SKIPPED) {
        printf("skip gcc_and_clang_leave_the_same_trace\n");
        return;
    }
    CHECK_EQ(WEXITSTATUS(status), 0);
}
