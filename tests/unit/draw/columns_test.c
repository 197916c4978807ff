/* columns_test.c - widths of characters, and where a text is broken. */
#include "draw/columns.h"
#include "tests/test.h"

static unsigned width_of(const char *text)
{
    return columns_of(text, strlen(text));
}

TEST(latin_is_one_column_and_hangul_two)
{
    CHECK_EQ(width_of("SYN-SENT"), 8);
    CHECK_EQ(width_of("연결"), 4);
    CHECK_EQ(width_of("SYN을 보낸다."), 13);
    CHECK_EQ(width_of("順序"), 4);
    CHECK_EQ(width_of("─►│"), 3);
}

TEST(combining_marks_take_no_column)
{
    CHECK_EQ(width_of("e\xcc\x81"), 1);
    CHECK_EQ(width_of("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab"), 2); /* conjoining: one syllable */
}

TEST(octets_that_are_not_utf8_are_one_column_each)
{
    uint32_t c;
    CHECK_EQ(columns_decode("\xff", 1, &c), 1);
    CHECK_EQ(c, 0xfffd);
    CHECK_EQ(columns_decode("\xed\xa0\x80", 3, &c), 1); /* a surrogate */
    CHECK_EQ(c, 0xfffd);
    CHECK_EQ(columns_decode("\xc0\x80", 2, &c), 1); /* overlong */
    CHECK_EQ(c, 0xfffd);
    CHECK_EQ(columns_decode("\xea\xb0", 2, &c), 1); /* cut off */
    CHECK_EQ(c, 0xfffd);
    CHECK_EQ(columns_decode("\xea\xb0\x80", 3, &c), 3);
    CHECK_EQ(c, 0xac00);
    CHECK_EQ(width_of("\xff\xfe\x80"), 3);
}

/* The rows of a wrapped text, joined by '|'. */
static char *wrapped(const char *text, unsigned columns, char rows[512])
{
    size_t next, bytes, used = 0;

    rows[0] = '\0';
    while ((bytes = columns_wrap(text, columns, &next)), next > 0 && used < 500) {
        used += (size_t)snprintf(rows + used, 512 - used, "%s%.*s", used > 0 ? "|" : "", (int)bytes,
                                 text);
        text += next;
    }
    return rows;
}

TEST(a_text_is_broken_at_blanks)
{
    char rows[512];
    CHECK_STR(wrapped("one two three", 7, rows), "one two|three");
    CHECK_STR(wrapped("one two three", 13, rows), "one two three");
    CHECK_STR(wrapped("one two three", 3, rows), "one|two|thr|ee");
    CHECK_STR(wrapped("one  two", 5, rows), "one|two");
    CHECK_STR(wrapped("", 10, rows), "");
}

TEST(hangul_is_broken_between_words_and_counted_double)
{
    char rows[512];
    CHECK_STR(wrapped("연결 요청 확인 응답", 9, rows), "연결 요청|확인 응답");
    CHECK_STR(wrapped("연결 요청 확인 응답", 8, rows), "연결|요청|확인|응답");
}

TEST(a_long_word_is_broken_at_joints_then_between_characters)
{
    char rows[512];
    CHECK_STR(wrapped("docs/decisions/0004-orphan.md", 16, rows), "docs/decisions/|0004-orphan.md");
    CHECK_STR(wrapped("가나다라", 5, rows), "가나|다라");
    CHECK_STR(wrapped("가", 1, rows), "가");
}
