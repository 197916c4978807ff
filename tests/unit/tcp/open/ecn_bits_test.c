/* ecn_bits_test.c - ECE, CWR, AE and the reserved bits never cost a connection (RFC 9293 3.1,
 * RFC 8311 4.3, RFC 9768): a peer that offers ECN meets one that does not speak it, no more. */
#include "tests/unit/tcp_fixture.h"
#include "wire/checksum.h"

enum { ECN = TCP_ECE | TCP_CWR | TCP_AE, TCP_AT = 20, RESERVED = 0x0e };

/* Each set of the three bits. */
static uint16_t ecn_set(unsigned n)
{
    return (uint16_t)((n & 1 ? TCP_ECE : 0) | (n & 2 ? TCP_CWR : 0) | (n & 4 ? TCP_AE : 0));
}

TEST(ecn_bits_of_a_syn_open_as_none)
{
    for (unsigned n = 0; n < 8; n++) {
        fixture *x = fixture_begin(NULL);
        x_listen(x);
        x_inject(x, .flags = TCP_SYN | ecn_set(n), .mss = 1460);
        x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1); /* none is agreed */
        x_inject(x, .flags = TCP_ACK | ecn_set(n), .seq = 1, .ack = 1);
        x_accept(x);
        x_state(x, TERN_ESTABLISHED);
        x_expect_nothing(x);
        fixture_end(x);
    }
}

TEST(ecn_bits_of_a_synack_open_as_none)
{
    for (unsigned n = 0; n < 8; n++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, TERN_SYN_SENT, WAY_ACTIVE);
        x_inject(x, .flags = TCP_SYN | TCP_ACK | ecn_set(n), .ack = 1, .mss = 1460);
        x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
        x_state(x, TERN_ESTABLISHED);
        fixture_end(x);
    }
}

TEST(ecn_bits_of_a_simultaneous_open)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_SENT, WAY_ACTIVE);
    x_inject(x, .flags = TCP_SYN | ECN, .mss = 1460);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_inject(x, .flags = TCP_SYN | TCP_ACK | ECN, .ack = 1, .mss = 1460);
    x_state(x, TERN_ESTABLISHED);
}

TEST(ecn_bits_of_a_segment_change_nothing_in_any_state)
{
    static const tern_state states[] = {TERN_ESTABLISHED, TERN_FIN_WAIT_1, TERN_FIN_WAIT_2,
                                        TERN_CLOSE_WAIT,  TERN_CLOSING,    TERN_LAST_ACK,
                                        TERN_TIME_WAIT};

    for (unsigned i = 0; i < sizeof states / sizeof states[0]; i++) {
        for (unsigned n = 1; n < 8; n++) {
            fixture *x = fixture_begin(NULL);
            x_bring(x, states[i], WAY_PASSIVE);
            x_inject(x, .flags = TCP_ACK | ecn_set(n), .seq = x->peer.next, .ack = 1);
            x_state(x, states[i]);
            x_expect_nothing(x);
            fixture_end(x);
        }
    }
}

TEST(ecn_bits_of_data_and_fin)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK | ECN, .seq = 1, .ack = 1, .bytes = 10);
    x_recv(x, 10);
    x_inject(x, .flags = TCP_ACK | TCP_FIN | ECN, .seq = 11, .ack = 1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 12);
    x_state(x, TERN_CLOSE_WAIT);
}

/* A segment with the three reserved bits set, its checksum right. */
static void inject_reserved(fixture *x, struct seg s)
{
    uint8_t packet[1500];
    size_t bytes = x_build(x, &s, packet);

    packet[TCP_AT + 12] |= RESERVED;
    packet[TCP_AT + 16] = packet[TCP_AT + 17] = 0;
    checksum_sum sum = checksum_pseudo(&x->peer.remote.address, &x->peer.local.address,
                                       IP_PROTOCOL_TCP, (uint32_t)(bytes - TCP_AT));
    uint16_t right = checksum_finish(checksum_add(sum, packet + TCP_AT, bytes - TCP_AT));
    packet[TCP_AT + 16] = (uint8_t)(right >> 8);
    packet[TCP_AT + 17] = (uint8_t)right;
    tern_rule rule = x_inject_packet(x, packet, bytes);
    CHECK(rule != TERN_RULE_TCP_CHECKSUM_BAD && rule != TERN_RULE_TCP_HEADER_BAD);
}

TEST(reserved_bits_are_ignored_from_syn_to_fin)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    inject_reserved(x, (struct seg){.flags = TCP_SYN | ECN, .mss = 1460});
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    inject_reserved(x, (struct seg){.flags = TCP_ACK | ECN, .seq = 1, .ack = 1});
    x_accept(x);
    inject_reserved(x, (struct seg){.flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10});
    x_recv(x, 10);
    inject_reserved(x, (struct seg){.flags = TCP_ACK | TCP_FIN, .seq = 11, .ack = 1});
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 12);
    x_state(x, TERN_CLOSE_WAIT);
}
