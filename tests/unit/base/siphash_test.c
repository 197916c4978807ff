/* siphash_test.c - SipHash against the vectors of its paper and against other implementations. */
#include "base/siphash.h"

#include "tests/test.h"

/* SipHash-2-4 of 00 01 02 .. (n - 1) under the key 00 01 .. 0f, as the paper's reference code has
 * it; the one of 15 octets is worked through in its appendix A. */
static const uint64_t siphash_vectors[64] = {
    0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d,
    0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137,
    0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
    0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee, 0xa129ca6149be45e5,
    0x3f2acc7f57c29bdb, 0x699ae9f52cbe4794, 0x4bc1b3f0968dd39c, 0xbb6dc91da77961bd,
    0xbed65cf21aa2ee98, 0xd0f2cbb02e3b67c7, 0x93536795e3a33e88, 0xa80c038ccd5ccec8,
    0xb8ad50c6f649af94, 0xbce192de8a85b8ea, 0x17d835b85bbb15f3, 0x2f2e6163076bcfad,
    0xde4daaaca71dc9a5, 0xa6a2506687956571, 0xad87a3535c49ef28, 0x32d892fad841c342,
    0x7127512f72f27cce, 0xa7f32346f95978e3, 0x12e0b01abb051238, 0x15e034d40fa197ae,
    0x314dffbe0815a3b4, 0x027990f029623981, 0xcadcd4e59ef40c4d, 0x9abfd8766a33735c,
    0x0e3ea96b5304a7d0, 0xad0c42d6fc585992, 0x187306c89bc215a9, 0xd4a60abcf3792b95,
    0xf935451de4f21df2, 0xa9538f0419755787, 0xdb9acddff56ca510, 0xd06c98cd5c0975eb,
    0xe612a3cb9ecba951, 0xc766e62cfcadaf96, 0xee64435a9752fe72, 0xa192d576b245165a,
    0x0a8787bf8ecb74b2, 0x81b3e73d20b49b6f, 0x7fa8220ba3b2ecea, 0x245731c13ca42499,
    0xb78dbfaf3a8d83bd, 0xea1ad565322a1a0b, 0x60e61c23a3795013, 0x6606d7e446282b93,
    0x6ca4ecb15c5f91e1, 0x9f626da15c9625f3, 0xe51b38608ef25f57, 0x958a324ceb064572,
};

/* SipHash-1-3 of the first `words` words of 00 01 02 .. under a zero key, as CPython 3.11 computes
 * it (hash(bytes(range(8 * words))) with PYTHONHASHSEED=0). */
static const struct {
    size_t words;
    uint64_t hash;
} siphash_1_3_vectors[] = {
    {1, 0xead411e67ebe2eea}, {2, 0x8972188433a5c5b7}, {3, 0x31185a47af932f3a},
    {4, 0x31ef8061c910629b}, {6, 0xfe1f2445ba50237f}, {9, 0x04bde5b7ae0e11c2},
};

static siphash_key counting_key(void)
{
    uint8_t bytes[16];

    for (unsigned i = 0; i < 16; i++)
        bytes[i] = (uint8_t)i;
    return siphash_key_read(bytes);
}

/* 00 01 02 .. as little-endian words, made by arithmetic so that the machine's order is no part. */
static void counting_words(uint64_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        words[i] = 0;
        for (unsigned k = 0; k < 8; k++)
            words[i] |= (uint64_t)(8 * i + k) << (8 * k);
    }
}

TEST(a_key_is_two_little_endian_words)
{
    siphash_key key = counting_key();

    CHECK_EQ(key.k0, 0x0706050403020100);
    CHECK_EQ(key.k1, 0x0f0e0d0c0b0a0908);
}

TEST(every_length_gives_the_vector_of_the_paper)
{
    uint8_t octets[64];

    for (unsigned i = 0; i < 64; i++)
        octets[i] = (uint8_t)i;
    for (size_t bytes = 0; bytes < 64; bytes++)
        CHECK_EQ(siphash_2_4(counting_key(), octets, bytes), siphash_vectors[bytes]);
}

TEST(alignment_does_not_change_the_hash)
{
    uint8_t octets[64 + 8];

    for (unsigned shift = 0; shift < 8; shift++) {
        for (unsigned i = 0; i < 64; i++)
            octets[shift + i] = (uint8_t)i;
        CHECK_EQ(siphash_2_4(counting_key(), octets + shift, 63), siphash_vectors[63]);
    }
}

TEST(words_hash_as_their_octets)
{
    uint64_t words[7];

    counting_words(words, 7);
    for (size_t count = 0; count <= 7; count++)
        CHECK_EQ(siphash_2_4_words(counting_key(), words, count), siphash_vectors[8 * count]);
}

TEST(the_short_form_agrees_with_another_implementation)
{
    uint64_t words[9];

    counting_words(words, 9);
    for (size_t i = 0; i < sizeof siphash_1_3_vectors / sizeof siphash_1_3_vectors[0]; i++)
        CHECK_EQ(siphash_1_3_words((siphash_key){0, 0}, words, siphash_1_3_vectors[i].words),
                 siphash_1_3_vectors[i].hash);
}

TEST(each_bit_of_key_and_input_counts)
{
    uint64_t words[4];
    siphash_key key = counting_key();

    counting_words(words, 4);
    uint64_t hash = siphash_1_3_words(key, words, 4);
    for (unsigned bit = 0; bit < 256; bit++) {
        words[bit / 64] ^= UINT64_C(1) << bit % 64;
        CHECK(siphash_1_3_words(key, words, 4) != hash);
        words[bit / 64] ^= UINT64_C(1) << bit % 64;
    }
    for (unsigned bit = 0; bit < 64; bit++) {
        siphash_key other = {key.k0 ^ UINT64_C(1) << bit, key.k1};
        CHECK(siphash_1_3_words(other, words, 4) != hash);
        other = (siphash_key){key.k0, key.k1 ^ UINT64_C(1) << bit};
        CHECK(siphash_1_3_words(other, words, 4) != hash);
    }
}
