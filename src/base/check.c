/* check.c - what a failed TERN_CHECK does when the program has not said otherwise. */
#include "base/check.h"

__attribute__((weak)) void tern_check_failed(const char *file, int line, const char *what)
{
    (void)file;
    (void)line;
    (void)what;
    __builtin_trap();
}
