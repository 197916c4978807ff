/* names_test.c - the public lists as tables: complete, in order, and safe with any number. */
#include "tern/status.h"

#include "tests/test.h"

TEST(errors_have_names_and_texts)
{
    CHECK_STR(tern_err_name(TERN_OK), "OK");
    CHECK_STR(tern_err_text(TERN_OK), "success");
    CHECK_STR(tern_err_name(TERN_ERR_REFUSED), "REFUSED");
    CHECK_STR(tern_err_text(TERN_ERR_REFUSED), "connection refused");
#define ERROR(name, value, text)                                                                   \
    CHECK_STR(tern_err_name(TERN_ERR_##name), #name);                                              \
    CHECK_STR(tern_err_name((tern_err)(value)), #name);                                            \
    CHECK_STR(tern_err_text(TERN_ERR_##name), text);
#include "tern/errors.def"
#undef ERROR
}

TEST(a_value_that_is_no_error_is_named_so)
{
    CHECK_STR(tern_err_name((tern_err)1), "UNKNOWN");
    CHECK_STR(tern_err_name((tern_err)-1000), "UNKNOWN");
    CHECK_STR(tern_err_text((tern_err)-1000), "unknown error");
}

TEST(states_have_the_names_of_the_rfc)
{
    static const char *const names[] = {"CLOSED",      "LISTEN",     "SYN-SENT",   "SYN-RECEIVED",
                                        "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT",
                                        "CLOSING",     "LAST-ACK",   "TIME-WAIT"};

    CHECK_EQ(sizeof names / sizeof names[0], TERN_STATES);
    for (int i = 0; i < TERN_STATES; i++)
        CHECK_STR(tern_state_name((tern_state)i), names[i]);
    CHECK_STR(tern_state_name(TERN_STATES), "UNKNOWN");
    CHECK_STR(tern_state_name((tern_state)99), "UNKNOWN");
}

TEST(causes_have_texts)
{
    CHECK_STR(tern_cause_name(TERN_CAUSE_PASSIVE_OPEN), "passive OPEN");
    CHECK_STR(tern_cause_name(TERN_CAUSE_RCV_FIN), "rcv FIN");
    CHECK_STR(tern_cause_name(TERN_CAUSE_TIMEOUT), "timeout");
    for (int i = 0; i < TERN_CAUSES; i++)
        CHECK(strcmp(tern_cause_name((tern_cause)i), "unknown") != 0);
    CHECK_STR(tern_cause_name(TERN_CAUSES), "unknown");
}

TEST(each_rule_is_found_by_its_number)
{
    const tern_rule_info *info = tern_rule_get(TERN_RULE_RST_CHALLENGED);

    CHECK_STR(info->name, "RST_CHALLENGED");
    CHECK_STR(info->source, "RFC 5961 3.2");
    CHECK_STR(info->level, "-");
    for (int i = 1; i < TERN_RULES; i++) {
        info = tern_rule_get((tern_rule)i);
        CHECK(info != NULL && info->name[0] != '\0' && info->source[0] != '\0');
        CHECK(info->level[0] != '\0' && info->text[0] != '\0');
    }
}

TEST(no_rule_has_the_name_of_another)
{
    for (int i = 1; i < TERN_RULES; i++)
        for (int k = i + 1; k < TERN_RULES; k++)
            CHECK(strcmp(tern_rule_get((tern_rule)i)->name, tern_rule_get((tern_rule)k)->name) !=
                  0);
}

TEST(rule_texts_are_sentences_and_sources_are_named)
{
    for (int i = 1; i < TERN_RULES; i++) {
        const tern_rule_info *info = tern_rule_get((tern_rule)i);
        size_t length = strlen(info->text);
        if (length < 10 || info->text[length - 1] != '.' || info->text[0] == ' ')
            test_fail(__FILE__, __LINE__, "%s: \"%s\" is no sentence", info->name, info->text);
        if (strncmp(info->source, "RFC ", 4) != 0 && strncmp(info->source, "tern: ", 6) != 0)
            test_fail(__FILE__, __LINE__, "%s: source \"%s\"", info->name, info->source);
        if (strcmp(info->level, "-") != 0 && strncmp(info->level, "MUST-", 5) != 0 &&
            strncmp(info->level, "SHLD-", 5) != 0 && strncmp(info->level, "MAY-", 4) != 0)
            test_fail(__FILE__, __LINE__, "%s: level \"%s\"", info->name, info->level);
    }
}

TEST(what_is_no_rule_is_null)
{
    CHECK(tern_rule_get(TERN_RULE_NONE) == NULL);
    CHECK(tern_rule_get(TERN_RULES) == NULL);
    CHECK(tern_rule_get((tern_rule)-1) == NULL);
    CHECK(tern_rule_get((tern_rule)100000) == NULL);
}

TEST(edges_come_in_order_and_end)
{
    const tern_edge_info *edge = tern_edge_get(0);
    size_t count = 0;

    CHECK_EQ(edge->from, TERN_CLOSED);
    CHECK_EQ(edge->to, TERN_LISTEN);
    CHECK_EQ(edge->cause, TERN_CAUSE_PASSIVE_OPEN);
    CHECK_STR(edge->action, "create TCB");
    CHECK_STR(edge->source, "RFC 9293 3.10.1");
#define EDGE(from_, to_, cause_, action_, source_)                                                 \
    edge = tern_edge_get(count++);                                                                 \
    CHECK(edge != NULL);                                                                           \
    CHECK(edge->from == TERN_##from_ && edge->to == TERN_##to_);                                   \
    CHECK_EQ(edge->cause, TERN_CAUSE_##cause_);                                                    \
    CHECK_STR(edge->action, action_);                                                              \
    CHECK_STR(edge->source, source_);
#include "tern/edges.def"
    CHECK(tern_edge_get(count) == NULL);
    CHECK(tern_edge_get(SIZE_MAX) == NULL);
}

TEST(every_state_is_reached_and_left)
{
    for (int state = 0; state < TERN_STATES; state++) {
        bool reached = false, left = false;
        const tern_edge_info *edge;
        for (size_t i = 0; (edge = tern_edge_get(i)) != NULL; i++) {
            reached |= (int)edge->to == state;
            left |= (int)edge->from == state;
        }
        CHECK(reached && left);
    }
}

TEST(the_version_is_that_of_the_header)
{
    char text[32];

    snprintf(text, sizeof text, "%d.%d.%d", TERN_VERSION_MAJOR, TERN_VERSION_MINOR,
             TERN_VERSION_PATCH);
    CHECK_STR(tern_version(), text);
}
