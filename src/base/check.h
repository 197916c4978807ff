/* check.h - TERN_CHECK: what tern itself must never get wrong, tested in release builds too.
 *
 * It is for tern's own mistakes only: what the caller does wrong is a tern_err, what the peer does
 * wrong is a tern_rule. There is no way on from a failed check: the arena can no longer be believed
 * in, and the next packet sent could carry what is wrong in it to the peer. */
#ifndef TERN_BASE_CHECK_H
#define TERN_BASE_CHECK_H

/* Called by a failed TERN_CHECK with the place and the text of the condition; must not return (it
 * may end the process, or longjmp out and never use the stack again). The library's own definition
 * traps; it is weak, so a program that defines a function of this name has that one called, with
 * the static and with the shared library. */
#if defined(__GNUC__) && !defined(__clang__)
__attribute__((externally_visible))
#endif
__attribute__((visibility("default"))) _Noreturn void
tern_check_failed(const char *file, int line, const char *what);

#define TERN_CHECK(condition)                                                                      \
    ((condition) ? (void)0 : tern_check_failed(__FILE__, __LINE__, #condition))

/* A place that cannot be reached. */
#define TERN_CHECK_FAILED(what) tern_check_failed(__FILE__, __LINE__, what)

#endif
