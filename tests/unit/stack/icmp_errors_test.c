/* icmp_errors_test.c - what ICMP errors do to a connection, by state, type, code and number. */
#include "tern/profile.h"
#include "tests/unit/icmp_fixture.h"

/* A connection that has sent its SYN. */
static fixture *opening(bool ipv6)
{
    fixture *x = fixture_begin(NULL);

    if (ipv6)
        x_ipv6(x);
    x_connect(x);
    x_expect(x, .flags = TCP_SYN);
    return x;
}

/* The connection has ended with this error. */
static void ended(fixture *x, tern_err error)
{
    tern_event event;

    CHECK(tern_next_event(x->stack, &event));
    CHECK((event.what & TERN_EVENT_CLOSED) != 0);
    CHECK_EQ(event.error, error);
    x_expect_nothing(x);
    x_state(x, TERN_CLOSED);
}

TEST(in_syn_sent_a_hard_error_ends_the_attempt)
{
    static const struct {
        uint8_t type, code;
        tern_err error;
    } v4[] = {{3, 2, TERN_ERR_PROTOCOL_UNREACHABLE}, {3, 3, TERN_ERR_PORT_UNREACHABLE},
              {3, 9, TERN_ERR_PROHIBITED},           {3, 10, TERN_ERR_PROHIBITED},
              {3, 13, TERN_ERR_PROHIBITED},          {3, 15, TERN_ERR_PROHIBITED}},
      v6[] = {{1, 1, TERN_ERR_PROHIBITED},
              {1, 4, TERN_ERR_PORT_UNREACHABLE},
              {1, 5, TERN_ERR_PROHIBITED},
              {1, 6, TERN_ERR_PROHIBITED},
              {4, 1, TERN_ERR_PROTOCOL_UNREACHABLE}};

    for (unsigned i = 0; i < 11; i++) {
        bool ipv6 = i >= 6;
        fixture *x = opening(ipv6);
        CHECK_EQ(x_icmp(x, .type = ipv6 ? v6[i - 6].type : v4[i].type,
                        .code = ipv6 ? v6[i - 6].code : v4[i].code),
                 TERN_RULE_ICMP_ABORTED);
        CHECK(fixture_edge(TERN_SYN_SENT, TERN_CLOSED, TERN_CAUSE_RCV_ICMP));
        ended(x, ipv6 ? v6[i - 6].error : v4[i].error);
    }
}

/* What FreeBSD keeps for the end where it would abort for a neighbouring code; Linux aborts. */
TEST(precedence_and_late_fragments_abort_by_profile)
{
    static const uint8_t soft[][3] = {{4, 3, 14}, {4, 3, 15}, {4, 11, 1}, {6, 3, 1}, {6, 4, 0}};

    for (unsigned i = 0; i < 10; i++) {
        const uint8_t *s = soft[i / 2];
        tern_config c = fixture_config();
        CHECK_EQ(tern_config_profile(&c, i % 2 == 0 ? TERN_PROFILE_FREEBSD : TERN_PROFILE_LINUX),
                 TERN_OK);
        fixture *x = fixture_begin(&c);
        if (s[0] == 6)
            x_ipv6(x);
        x_connect(x);
        CHECK_EQ(x_run(x, 0), 1);
        CHECK_EQ(x_icmp(x, .type = s[1], .code = s[2]),
                 i % 2 == 0 ? TERN_RULE_ICMP_NOTED : TERN_RULE_ICMP_ABORTED);
    }
}

TEST(in_syn_sent_a_soft_error_is_noted_and_told_at_the_end)
{
    static const struct {
        uint8_t type, code;
        tern_err error;
    } v4[] = {{3, 0, TERN_ERR_NET_UNREACHABLE},     {3, 1, TERN_ERR_HOST_UNREACHABLE},
              {3, 5, TERN_ERR_SOURCE_ROUTE_FAILED}, {3, 6, TERN_ERR_NET_UNREACHABLE},
              {3, 12, TERN_ERR_HOST_UNREACHABLE},   {11, 0, TERN_ERR_HOST_UNREACHABLE},
              {11, 1, TERN_ERR_HOST_UNREACHABLE},   {12, 0, TERN_ERR_PARAMETER_PROBLEM}},
      v6[] = {{1, 0, TERN_ERR_NET_UNREACHABLE},
              {1, 2, TERN_ERR_HOST_UNREACHABLE},
              {1, 3, TERN_ERR_HOST_UNREACHABLE},
              {3, 0, TERN_ERR_HOST_UNREACHABLE},
              {4, 0, TERN_ERR_PARAMETER_PROBLEM}};

    for (unsigned i = 0; i < 13; i++) {
        bool ipv6 = i >= 8;
        fixture *x = opening(ipv6);
        tern_err error = ipv6 ? v6[i - 8].error : v4[i].error;
        CHECK_EQ(x_icmp(x, .type = ipv6 ? v6[i - 8].type : v4[i].type,
                        .code = ipv6 ? v6[i - 8].code : v4[i].code),
                 TERN_RULE_ICMP_NOTED);
        x_state(x, TERN_SYN_SENT);
        CHECK_EQ(x_status(x).soft_error, error);
        CHECK_EQ(x_status(x).error, TERN_OK);
        CHECK(x_run(x, 200000) > 3); /* it goes on trying */
        ended(x, error);
    }
}

TEST(a_soft_error_is_forgotten_when_the_connection_gets_on)
{
    fixture *x = opening(false);

    CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 1), TERN_RULE_ICMP_NOTED);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    CHECK_EQ(x_status(x).soft_error, TERN_OK);
    x_send(x, 10);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
    CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 1, .seq = 1), TERN_RULE_ICMP_NOTED);
    CHECK_EQ(x_status(x).soft_error, TERN_ERR_HOST_UNREACHABLE);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 11);
    CHECK_EQ(x_status(x).soft_error, TERN_OK);
}

static const tern_state open_states[] = {TERN_ESTABLISHED, TERN_FIN_WAIT_1, TERN_CLOSE_WAIT,
                                         TERN_CLOSING, TERN_LAST_ACK};

TEST(an_open_connection_outlives_every_error)
{
    for (unsigned i = 0; i < sizeof open_states / sizeof open_states[0]; i++)
        for (unsigned code = 0; code < 16; code++) {
            fixture *x = fixture_begin(NULL);
            x_bring(x, open_states[i], WAY_ACTIVE);
            uint32_t at = x->peer.tern_next - 1; /* the FIN, where there is one */
            if (open_states[i] == TERN_ESTABLISHED || open_states[i] == TERN_CLOSE_WAIT) {
                x_send(x, 100);
                CHECK_EQ(x_run(x, 0), 1);
                at = x->peer.tern_next + 50;
            }
            bool hard = code == 2 || code == 3 || code == 9 || code == 10 || code >= 13;
            if (code == 4)
                continue;
            CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = (uint8_t)code, .seq = at),
                     hard ? TERN_RULE_ICMP_HARD_NOTED : TERN_RULE_ICMP_NOTED);
            x_state(x, open_states[i]);
            CHECK(x_status(x).soft_error != TERN_OK);
            x_expect_nothing(x);
            fixture_end(x);
        }
}

TEST(an_open_connection_that_times_out_tells_what_icmp_said)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_ACTIVE);
    x_send(x, 100);
    CHECK_EQ(x_run(x, 0), 1);
    x_icmp(x, .type = UNREACHABLE_V4, .code = 0, .seq = x->peer.tern_next);
    x_run(x, 150000);
    tern_event event;
    CHECK(tern_next_event(x->stack, &event));
    CHECK_EQ(event.error, TERN_ERR_NET_UNREACHABLE);
}

TEST(a_simultaneous_open_dies_of_a_hard_error)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_ACTIVE);
    CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 3), TERN_RULE_ICMP_ABORTED);
    CHECK(fixture_edge(TERN_SYN_RECEIVED, TERN_CLOSED, TERN_CAUSE_RCV_ICMP));
    ended(x, TERN_ERR_PORT_UNREACHABLE);
}

TEST(a_half_open_record_dies_of_a_hard_error)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 1), TERN_RULE_ICMP_NOTED);
    CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 3, .seq = 1),
             TERN_RULE_ICMP_SEQUENCE_REFUSED);
    CHECK_EQ(x_usage(x).half_open, 1);
    CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 3), TERN_RULE_HALF_OPEN_ICMP);
    CHECK(fixture_edge(TERN_SYN_RECEIVED, TERN_LISTEN, TERN_CAUSE_RCV_ICMP));
    CHECK_EQ(x_usage(x).half_open, 0);
    CHECK_EQ(x_run(x, 10000), 0);
}

TEST(a_number_that_is_not_under_way_is_refused)
{
    fixture *x = opening(false);

    CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 3, .seq = 1),
             TERN_RULE_ICMP_SEQUENCE_REFUSED);
    CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 3, .seq = UINT32_MAX),
             TERN_RULE_ICMP_SEQUENCE_REFUSED);
    x_state(x, TERN_SYN_SENT);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 3, .seq = 1), /* nothing is under way */
             TERN_RULE_ICMP_SEQUENCE_REFUSED);
    x_send(x, 10);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
    CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 1, .seq = 0),
             TERN_RULE_ICMP_SEQUENCE_REFUSED);
    CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 1, .seq = 11),
             TERN_RULE_ICMP_SEQUENCE_REFUSED);
    CHECK_EQ(x_status(x).soft_error, TERN_OK);
    CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 1, .seq = 10), TERN_RULE_ICMP_NOTED);
}

TEST(the_upper_edge_may_be_believed)
{
    tern_config c = fixture_config();

    c.icmp_seq_upper_inclusive = true;
    fixture *x = fixture_begin(&c);
    x_connect(x);
    x_expect(x, .flags = TCP_SYN);
    CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 3, .seq = 2),
             TERN_RULE_ICMP_SEQUENCE_REFUSED);
    CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 3, .seq = 1), TERN_RULE_ICMP_ABORTED);
}

/* What a connect is told for each code of "destination unreachable", then for time exceeded and a
 * parameter problem; OK: it goes on. */
TEST(each_profile_has_its_names_for_the_codes)
{
#define U(name) TERN_ERR_##name##_UNREACHABLE
    static const tern_err on_linux[] = {U(NET),
                                        U(HOST),
                                        U(PROTOCOL),
                                        U(PORT),
                                        TERN_OK,
                                        TERN_ERR_SOURCE_ROUTE_FAILED,
                                        U(NET),
                                        TERN_ERR_HOST_UNKNOWN,
                                        TERN_ERR_HOST_ISOLATED,
                                        U(NET),
                                        U(HOST),
                                        U(NET),
                                        U(HOST),
                                        U(HOST),
                                        U(HOST),
                                        U(HOST)};
#undef U

    for (uint8_t code = 0; code < 16; code++) {
        tern_config c = fixture_config();
        bool freebsd_aborts = code == 2 || code == 3 || code == 9 || code == 10 || code == 13;
        if (code == 4) /* path MTU */
            continue;
        CHECK_EQ(tern_config_profile(&c, TERN_PROFILE_LINUX), TERN_OK);
        fixture *x = fixture_begin(&c);
        x_connect(x);
        x_run(x, 0);
        (void)x_icmp(x, .type = UNREACHABLE_V4, .code = code);
        ended(x, on_linux[code]);
        CHECK_EQ(tern_config_profile(&c, TERN_PROFILE_FREEBSD), TERN_OK);
        x = fixture_begin(&c);
        x_connect(x);
        x_run(x, 0);
        (void)x_icmp(x, .type = UNREACHABLE_V4, .code = code);
        x_state(x, freebsd_aborts ? TERN_CLOSED : TERN_SYN_SENT);
        CHECK_EQ(x_status(x).error, freebsd_aborts ? TERN_ERR_REFUSED : TERN_OK);
        CHECK_EQ(x_status(x).soft_error, freebsd_aborts ? TERN_OK : TERN_ERR_HOST_UNREACHABLE);
    }
}

TEST(an_error_is_called_otherwise_by_its_key)
{
    tern_config c = fixture_config();
    char text[TERN_PROFILE_VALUE_BYTES];

    CHECK_EQ(tern_profile_key_set(&c, "icmp_errors.PORT_UNREACHABLE", "RESET", NULL), TERN_OK);
    CHECK_EQ(tern_profile_key_get(&c, "icmp_errors.PORT_UNREACHABLE", text), TERN_OK);
    CHECK_STR(text, "RESET");
    fixture *x = fixture_begin(&c);
    x_connect(x);
    x_expect(x, .flags = TCP_SYN);
    CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 3), TERN_RULE_ICMP_ABORTED);
    ended(x, TERN_ERR_RESET);
}

TEST(which_errors_abort_and_what_they_are_called_is_configured)
{
    tern_config c = fixture_config();

    c.icmp_aborts = 1 << TERN_ICMP_NET_UNREACHABLE;
    c.icmp_errors[TERN_ICMP_NET_UNREACHABLE] = TERN_ERR_REFUSED;
    fixture *x = fixture_begin(&c);
    x_connect(x);
    x_expect(x, .flags = TCP_SYN);
    CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 3), TERN_RULE_ICMP_NOTED);
    CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 0), TERN_RULE_ICMP_ABORTED);
    ended(x, TERN_ERR_REFUSED);
}

TEST(an_error_about_no_connection_is_dropped)
{
    fixture *x = opening(false);

    CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 3, .other_port = true),
             TERN_RULE_ICMP_UNMATCHED);
    CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 3, .other_address = true),
             TERN_RULE_ICMP_UNMATCHED);
    CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 3, .protocol = 17),
             TERN_RULE_ICMP_UNMATCHED);
    x_state(x, TERN_SYN_SENT);
    x_expect_nothing(x);
}

TEST(an_error_in_time_wait_changes_nothing)
{
    for (unsigned released = 0; released < 2; released++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, TERN_TIME_WAIT, WAY_ACTIVE | (released ? WAY_RELEASED : 0));
        CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 3, .seq = x->peer.tern_next - 1),
                 TERN_RULE_ICMP_SEQUENCE_REFUSED);
        x_state(x, TERN_TIME_WAIT);
    }
}

TEST(a_quote_that_is_cut_off_tells_nothing)
{
    for (uint32_t bytes = 1; bytes <= 40; bytes++) {
        fixture *x = opening(false);
        CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 3, .quoted = bytes),
                 bytes >= 28 ? TERN_RULE_ICMP_ABORTED : TERN_RULE_ICMP_QUOTE_BAD);
        fixture_end(x);
    }
    for (uint32_t bytes = 1; bytes <= 60; bytes++) {
        fixture *x = opening(true);
        CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V6, .code = 4, .quoted = bytes),
                 bytes >= 48 ? TERN_RULE_ICMP_ABORTED : TERN_RULE_ICMP_QUOTE_BAD);
        fixture_end(x);
    }
}

TEST(a_quote_with_options_or_extension_headers_is_read)
{
    fixture *x = opening(false);

    CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 3, .ip_options = 8), TERN_RULE_ICMP_ABORTED);
    x = opening(true);
    CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V6, .code = 4, .ip_options = 16),
             TERN_RULE_ICMP_ABORTED);
}

TEST(a_source_quench_is_ignored)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_ACTIVE);
    x_send(x, 100);
    CHECK_EQ(x_run(x, 0), 1);
    uint32_t cwnd = x_status(x).snd_cwnd;
    CHECK_EQ(x_icmp(x, .type = 4, .seq = x->peer.tern_next), TERN_RULE_ICMP_QUENCH_IGNORED);
    CHECK_EQ(x_status(x).snd_cwnd, cwnd);
    CHECK_EQ(x_status(x).soft_error, TERN_OK);
}
