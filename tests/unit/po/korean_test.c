/* korean_test.c - every text that a user reads has a Korean translation, and the check that says so
 * does notice. */
#define _GNU_SOURCE
#include "tests/test.h"

#include <stdlib.h>

/* Runs a shell command; true when it ends with 0. */
static bool runs(const char *command)
{
    return system(command) == 0;
}

TEST(every_text_is_translated)
{
    CHECK(runs("sh po/update.sh --check"));
}

/* The check in a copy of the tree, after `change` was done there. */
static bool passes_after(const char *change)
{
    char command[1024];

    snprintf(command, sizeof command,
             "set -e; copy=$(mktemp -d); trap 'rm -rf \"$copy\"' EXIT\n"
             "mkdir -p \"$copy/apps\" \"$copy/include\"\n"
             "cp -r po draw \"$copy\"; cp -r apps/drill apps/tern apps/pkt \"$copy/apps\"\n"
             "cp -r include/tern \"$copy/include\"; cd \"$copy\"\n"
             "%s\n"
             "sh po/update.sh --check 2>/dev/null",
             change);
    return runs(command);
}

TEST(a_new_rule_without_a_translation_is_noticed)
{
    CHECK(passes_after(":"));
    CHECK(!passes_after("echo 'RULE(NEW, \"RFC 1\", \"-\", \"Something else.\")' "
                        ">>include/tern/rules.def"));
}

TEST(a_new_message_without_a_translation_is_noticed)
{
    CHECK(!passes_after("echo 'const char *new_text = N_(\"something new\");' >>draw/ladder.c"));
}

TEST(a_translation_that_nobody_needs_is_noticed)
{
    CHECK(!passes_after("printf '\\nmsgid \"never\"\\nmsgstr \"never\"\\n' >>po/ko.po"));
}

TEST(a_translation_that_does_not_fit_its_format_is_noticed)
{
    CHECK(!passes_after("sed -i 's/%s 행이 실패했습니다/%d 행이 실패했습니다/' po/ko.po"));
}
