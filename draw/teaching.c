/* teaching.c - which decisions a picture shows when it is not told to show all.
 *
 * Named here are those that are left out: they fire for nearly every segment, or say what the
 * arrow itself says. Everything else is rare enough that its sentence is why one looks. */
#include "draw/teaching.h"

bool teaching_rule(tern_rule rule)
{
    static const tern_rule routine[] = {
        TERN_RULE_SYN_ACK_SENT,
        TERN_RULE_WINDOW_SCALE_AGREED,
        TERN_RULE_TIMESTAMPS_AGREED,
        TERN_RULE_SACK_AGREED,
        TERN_RULE_ACK_NEW,
        TERN_RULE_WINDOW_UPDATED,
        TERN_RULE_TEXT_QUEUED,
        TERN_RULE_DATA_SENT,
        TERN_RULE_ACK_SENT,
        TERN_RULE_ACK_DELAYED,
        TERN_RULE_ACK_EVERY_SECOND,
        TERN_RULE_DELAYED_ACK_TIMEOUT,
        TERN_RULE_WINDOW_UPDATE_SENT,
        TERN_RULE_NAGLE_HELD,
        TERN_RULE_SENDER_SWS_AVOIDED,
        TERN_RULE_RECEIVER_SWS_AVOIDED,
        TERN_RULE_CWND_LIMITED,
        TERN_RULE_RST_SENT,
        TERN_RULE_RTT_SAMPLED,
        TERN_RULE_RTT_KARN,
        TERN_RULE_OPTION_UNKNOWN_SKIPPED,
    };

    for (size_t i = 0; i < sizeof routine / sizeof routine[0]; i++)
        if (routine[i] == rule)
            return false;
    return true;
}
