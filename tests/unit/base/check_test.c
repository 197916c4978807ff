/* check_test.c - TERN_CHECK: silent when true, and the program's own handler when it has one. */
#include "base/check.h"

#include "tests/test.h"

#include <setjmp.h>

static jmp_buf failed;
static const char *failed_file, *failed_what;
static int failed_line;

_Noreturn void tern_check_failed(const char *file, int line, const char *what)
{
    failed_file = file;
    failed_line = line;
    failed_what = what;
    longjmp(failed, 1);
}

TEST(a_condition_that_holds_does_nothing)
{
    int evaluated = 0;

    TERN_CHECK(++evaluated == 1);
    CHECK_EQ(evaluated, 1);
}

TEST(a_failed_check_calls_the_programs_own_handler)
{
    volatile int line = 0;
    volatile int zero = 0;

    if (setjmp(failed) == 0) {
        line = __LINE__ + 1;
        TERN_CHECK(zero == 1);
        test_fail(__FILE__, __LINE__, "the check let a false condition pass");
    }
    CHECK_EQ(failed_line, line);
    CHECK_STR(failed_what, "zero == 1");
    CHECK(strstr(failed_file, "check_test.c") != NULL);
}
