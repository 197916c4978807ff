/* test.c - main() of every test program. */
#include "tests/test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

static test_case *first, **last = &first;
static const char *running;
static jmp_buf out_of_case;

void (*test_after_case)(const char *name);

void test_register(test_case *c)
{
    *last = c;
    last = &c->next;
}

const char *test_name(void)
{
    return running;
}

void test_fail(const char *file, int line, const char *format, ...)
{
    va_list arguments;
    printf("%s:%d: ", file, line);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    longjmp(out_of_case, 1);
}

/* In a function of its own: setjmp() and main()'s counters do not mix. */
static bool run_case(const test_case *c)
{
    running = c->name;
    if (setjmp(out_of_case) != 0)
        return false;
    c->run();
    if (test_after_case != NULL)
        test_after_case(running);
    return true;
}

int main(int argc, char **argv)
{
    unsigned passed = 0, failed = 0;

    for (test_case *c = first; c != NULL; c = c->next) {
        if (argc > 1 && strstr(c->name, argv[1]) == NULL)
            continue;
        if (run_case(c)) {
            printf("pass %s\n", c->name);
            passed++;
        } else {
            printf("FAIL %s   (again: %s %s)\n", c->name, argv[0], c->name);
            failed++;
        }
    }
    if (passed + failed == 0)
        printf("no case matches\n");
    printf("%u passed, %u failed\n", passed, failed);
    return failed > 0 || passed == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
