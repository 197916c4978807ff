/* time_wait_test.c - TIME-WAIT as a TCB and as a record: RFC 9293 3.6.1, RFC 1337, RFC 6191. */
#include "tests/unit/tcp_fixture.h"

enum { TWO_MSL_MS = 240000, UNIT_MS = 64 };

/* The program has the handle, or has given it back: both answer alike. */
static const unsigned holds[] = {WAY_PASSIVE, WAY_RELEASED};

TEST(time_wait_lasts_two_msl)
{
    for (unsigned i = 0; i < 2; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, TERN_TIME_WAIT, holds[i]);
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_TIME_WAIT_STARTED), 1);
        x_advance(x, TWO_MSL_MS - 1);
        x_state(x, TERN_TIME_WAIT);
        x_advance(x, UNIT_MS); /* a record's clock ticks so; it is never early */
        x_state(x, TERN_CLOSED);
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_TIME_WAIT_DONE), 1);
        CHECK_EQ(x_usage(x).time_wait, 0);
    }
}

TEST(time_wait_with_its_handle_tells_the_program)
{
    fixture *x = fixture_begin(NULL);
    tern_event e;

    x_bring(x, TERN_TIME_WAIT, WAY_PASSIVE);
    x_advance(x, TWO_MSL_MS);
    CHECK(tern_next_event(x->stack, &e));
    CHECK((e.what & TERN_EVENT_CLOSED) != 0);
    CHECK_EQ(e.error, TERN_OK);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    CHECK_EQ(x_usage(x).connections, 0);
}

TEST(time_wait_folds_into_a_record)
{
    fixture *x = fixture_begin(NULL);
    tern_status st;

    x_bring(x, TERN_TIME_WAIT, WAY_PASSIVE | WAY_OPTIONS);
    CHECK_EQ(x_usage(x).connections, 1);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    CHECK_EQ(x_usage(x).connections, 0);
    CHECK_EQ(x_usage(x).time_wait, 1);
    CHECK(x_find(x, &st));
    CHECK(st.time_wait_record);
    CHECK_EQ(st.rcv_nxt, 1002);
    CHECK_EQ(st.snd_nxt, x->peer.tern_iss + 2);
}

TEST(time_wait_goes_on_from_where_it_was_when_the_handle_is_given_back)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_TIME_WAIT, WAY_PASSIVE);
    x_advance(x, TWO_MSL_MS - 1000);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    x_advance(x, 999);
    x_state(x, TERN_TIME_WAIT);
    x_advance(x, UNIT_MS);
    x_state(x, TERN_CLOSED);
}

TEST(time_wait_fin_again_restarts_it)
{
    for (unsigned i = 0; i < 2; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, TERN_TIME_WAIT, holds[i]);
        x_advance(x, 100000);
        CHECK_EQ(x_inject(x, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 2),
                 TERN_RULE_TIME_WAIT_RESTARTED);
        x_expect(x, .flags = TCP_ACK, .seq = 2, .ack = 2);
        x_advance(x, TWO_MSL_MS - 1);
        x_state(x, TERN_TIME_WAIT);
        x_advance(x, UNIT_MS);
        x_state(x, TERN_CLOSED);
    }
}

TEST(time_wait_answers_with_the_timestamp_agreed)
{
    for (unsigned i = 0; i < 2; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, TERN_TIME_WAIT, holds[i] | WAY_OPTIONS);
        x_inject(x, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 2);
        x_expect(x, .flags = TCP_ACK, .seq = 2, .ack = 2, .ts = true);
    }
}

TEST(time_wait_rst_is_ignored)
{
    for (unsigned i = 0; i < 2; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, TERN_TIME_WAIT, holds[i]);
        CHECK_EQ(x_inject(x, .flags = TCP_RST, .seq = 2), TERN_RULE_TIME_WAIT_RST_IGNORED);
        CHECK_EQ(x_inject(x, .flags = TCP_RST, .seq = 5), TERN_RULE_TIME_WAIT_RST_IGNORED);
        x_state(x, TERN_TIME_WAIT);
        x_expect_nothing(x);
    }
}

TEST(time_wait_rst_ends_it_when_configured_so)
{
    tern_config c = fixture_config();

    c.time_wait_ignores_rst = false;
    for (unsigned i = 0; i < 2; i++) {
        fixture *x = fixture_begin(&c);
        x_bring(x, TERN_TIME_WAIT, holds[i]);
        x_inject(x, .flags = TCP_RST, .seq = 3); /* not at RCV.NXT */
        x_state(x, TERN_TIME_WAIT);
        x_run(x, 0);
        CHECK_EQ(x_inject(x, .flags = TCP_RST, .seq = 2), TERN_RULE_TIME_WAIT_RST);
        x_state(x, TERN_CLOSED);
        x_expect_nothing(x);
        CHECK_EQ(x_usage(x).time_wait, 0);
    }
}

TEST(time_wait_answers_old_segments)
{
    for (unsigned i = 0; i < 2; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, TERN_TIME_WAIT, holds[i]);
        CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 0xfffffff0u, .ack = 1, .bytes = 5),
                 TERN_RULE_TIME_WAIT_OLD);
        x_expect(x, .flags = TCP_ACK, .seq = 2, .ack = 2);
        x_state(x, TERN_TIME_WAIT);
    }
}

TEST(time_wait_does_not_answer_the_last_ack)
{
    for (unsigned i = 0; i < 2; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, TERN_TIME_WAIT, holds[i]);
        x_inject(x, .flags = TCP_ACK, .seq = 2, .ack = 2);
        x_expect_nothing(x);
        x_state(x, TERN_TIME_WAIT);
    }
}

/* A SYN from the same peer to the port that a listener has again. */
static tern_rule syn_again(fixture *x, uint32_t number, uint32_t ts_value)
{
    struct seg syn = {.flags = TCP_SYN, .seq = number, .ts = ts_value != 0, .ts_value = ts_value};

    return x_inject_seg(x, syn);
}

TEST(time_wait_newer_syn_opens_anew_by_its_sequence_number)
{
    for (unsigned i = 0; i < 2; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, TERN_TIME_WAIT, holds[i]);
        syn_again(x, 3, 0);
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_TIME_WAIT_REUSED), 1);
        x_state(x, TERN_SYN_RECEIVED);
        CHECK_EQ(x_run(x, 0), 1);
        x_inject(x, .flags = TCP_ACK, .seq = 4, .ack = 1);
        x_state(x, TERN_ESTABLISHED);
        CHECK_EQ(x_usage(x).time_wait, 0);
    }
}

TEST(time_wait_syn_just_above_the_fin_is_newer)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_TIME_WAIT, WAY_RELEASED);
    syn_again(x, 2, 0); /* the last number seen was 1, the FIN's: RFC 6191 2 */
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_TIME_WAIT_REUSED), 1);
}

TEST(time_wait_older_syn_opens_nothing)
{
    for (unsigned i = 0; i < 2; i++) {
        static const uint32_t old[] = {1, 0, 0x80000003u};
        fixture *x = fixture_begin(NULL);
        x_bring(x, TERN_TIME_WAIT, holds[i]);
        for (unsigned j = 0; j < 3; j++) {
            CHECK_EQ(syn_again(x, old[j], 0), TERN_RULE_TIME_WAIT_SYN_REFUSED);
            x_expect(x, .flags = TCP_ACK, .seq = 2, .ack = 2);
        }
        x_state(x, TERN_TIME_WAIT);
    }
}

TEST(time_wait_newer_syn_opens_anew_by_its_timestamp)
{
    for (unsigned i = 0; i < 2; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, TERN_TIME_WAIT, holds[i] | WAY_OPTIONS);
        uint32_t last = (uint32_t)(x->now_us / 1000) + x->peer.ts_offset;
        syn_again(x, 0x80000000u, last - 1);
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_TIME_WAIT_SYN_REFUSED), 1);
        syn_again(x, 0, last); /* equal: the sequence number decides */
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_TIME_WAIT_SYN_REFUSED), 2);
        x_state(x, TERN_TIME_WAIT);
        syn_again(x, 0, last + 1);
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_TIME_WAIT_REUSED), 1);
        x_state(x, TERN_SYN_RECEIVED);
    }
}

TEST(time_wait_equal_timestamp_and_higher_number_opens_anew)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_TIME_WAIT, WAY_RELEASED | WAY_OPTIONS);
    syn_again(x, 1000, (uint32_t)(x->now_us / 1000) + x->peer.ts_offset);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_TIME_WAIT_REUSED), 1);
}

TEST(time_wait_reused_begins_above_what_was_used)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, WAY_PASSIVE);
    x_send(x, 5000);
    CHECK_EQ(x_run(x, 0), 3); /* the last, a small one, waits (Nagle) */
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 4381);
    CHECK_EQ(x_run(x, 0), 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 5001);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    CHECK_EQ(x_run(x, 0), 1);
    x_inject(x, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 5002);
    CHECK_EQ(x_run(x, 0), 1);
    x_state(x, TERN_TIME_WAIT);
    uint32_t used = x->peer.tern_iss + 5002;
    syn_again(x, 100000, 0);
    CHECK_EQ(x_run(x, 0), 1);
    CHECK((int32_t)(x->peer.tern_iss - used) >= 0); /* RFC 9293 3.6.1, MAY-2 */
}

TEST(time_wait_reused_without_a_listener_is_reset)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_TIME_WAIT, WAY_RELEASED | WAY_ACTIVE);
    x_inject(x, .flags = TCP_SYN, .seq = 1000);
    x_expect(x, .flags = TCP_RST | TCP_ACK, .seq = 0u - x->peer.tern_iss, .ack = 1001);
    x_state(x, TERN_CLOSED);
}

TEST(time_wait_full_drops_the_oldest)
{
    fixture *x = fixture_begin(NULL); /* room for 4 */

    x_listen(x);
    for (uint16_t port = 1; port <= 5; port++) {
        x->peer.remote.port = port;
        x_inject(x, .flags = TCP_SYN);
        x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
        x_accept(x);
        CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
        x_expect(x, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 1);
        x_inject(x, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 2);
        x_expect(x, .flags = TCP_ACK, .seq = 2, .ack = 2);
        x_state(x, TERN_TIME_WAIT);
        x_advance(x, 1000);
    }
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_TIME_WAIT_FULL), 1);
    CHECK_EQ(x_usage(x).time_wait, 4);
    x->peer.remote.port = 1;
    x_state(x, TERN_CLOSED);
    x->peer.remote.port = 2;
    x_state(x, TERN_TIME_WAIT);
}

TEST(time_wait_records_expire_in_their_order)
{
    fixture *x = fixture_begin(NULL);
    tern_time due = 0;

    x_bring(x, TERN_TIME_WAIT, WAY_RELEASED);
    due = tern_deadline(x->stack);
    x_advance(x, 5000);
    CHECK_EQ(tern_deadline(x->stack), due);
    x_inject(x, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 2);
    CHECK_EQ(x_run(x, 0), 1);
    CHECK(tern_deadline(x->stack) >= due + 4936000);
}

TEST(time_wait_is_over_however_late_the_host_asks)
{
    static const uint32_t minutes[] = {5, 40, 60, 70, 100, 600};

    for (unsigned i = 0; i < 6; i++) {
        fixture *x = fixture_begin(NULL);
        uint8_t packet[1500];
        x_bring(x, TERN_TIME_WAIT, WAY_RELEASED);
        x->now_us += minutes[i] * UINT64_C(60000000);
        CHECK_EQ(x_output(x, packet), 0);
        x_state(x, TERN_CLOSED);
    }
}
