/* spelling_test.c - how unlike two words are. */
#include "apps/tern/spelling.h"
#include "tests/test.h"

TEST(spelling_counts_letters_to_change)
{
    CHECK_EQ(spelling_distance("serve", "serve"), 0);
    CHECK_EQ(spelling_distance("srve", "serve"), 1);
    CHECK_EQ(spelling_distance("sevre", "serve"), 2);
    CHECK_EQ(spelling_distance("", "get"), 3);
    CHECK_EQ(spelling_distance("get", ""), 3);
    CHECK_EQ(spelling_distance("kitten", "sitting"), 3);
}

TEST(spelling_has_room_for_any_first_word)
{
    char word[5000];

    memset(word, 'x', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    CHECK_EQ(spelling_distance(word, "rules"), sizeof word - 1);
    CHECK_EQ(spelling_distance("rules", word), sizeof word - 1);
}
