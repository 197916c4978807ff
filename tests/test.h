/* test.h - the whole test framework: named cases, checks that say what they saw.
 *
 * A test program is any number of TEST() cases and links tests/test.c, which has main(). It runs
 * all cases, or those whose name contains an argument, prints one line a case and a closing
 * "N passed, N failed", and exits 1 when one failed. A failed check ends its case. */
#ifndef TERN_TESTS_TEST_H
#define TERN_TESTS_TEST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct test_case {
    const char *name;
    void (*run)(void);
    struct test_case *next;
} test_case;

void test_register(test_case *c);

/* The case that runs now; NULL outside. */
const char *test_name(void);

/* Ends the case as failed: printf-style reason. */
_Noreturn void test_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Called after every case when set: the TCP fixture writes its rule coverage here. */
extern void (*test_after_case)(const char *name);

#define TEST(name)                                                                                 \
    static void test_##name(void);                                                                 \
    __attribute__((constructor)) static void register_##name(void)                                 \
    {                                                                                              \
        static test_case c = {#name, test_##name, NULL};                                           \
        test_register(&c);                                                                         \
    }                                                                                              \
    static void test_##name(void)

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            test_fail(__FILE__, __LINE__, "%s", #condition);                                       \
    } while (0)

#define CHECK_EQ(got, want)                                                                        \
    do {                                                                                           \
        unsigned long long got_ = (unsigned long long)(got);                                       \
        unsigned long long want_ = (unsigned long long)(want);                                     \
        if (got_ != want_)                                                                         \
            test_fail(__FILE__, __LINE__, "%s: got %llu (0x%llx), want %llu (0x%llx)", #got, got_, \
                      got_, want_, want_);                                                         \
    } while (0)

#define CHECK_STR(got, want)                                                                       \
    do {                                                                                           \
        const char *got_ = (got), *want_ = (want);                                                 \
        if (strcmp(got_, want_) != 0)                                                              \
            test_fail(__FILE__, __LINE__, "%s: got \"%s\", want \"%s\"", #got, got_, want_);       \
    } while (0)

#define CHECK_MEM(got, want, bytes)                                                                \
    do {                                                                                           \
        if (memcmp((got), (want), (bytes)) != 0)                                                   \
            test_fail(__FILE__, __LINE__, "%s and %s differ", #got, #want);                        \
    } while (0)

#endif
