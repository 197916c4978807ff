/* names.c - the lists of include/tern as tables to look up: errors, states, causes, rules, edges.
 *
 * Every function takes any value, also one that is no member of its enum, and has no state. */
#include "tern/status.h"

static const tern_rule_info names_rules[TERN_RULES] = {
#define RULE(name, source, level, text) [TERN_RULE_##name] = {#name, source, level, text},
#include "tern/rules.def"
#undef RULE
};

static const tern_edge_info names_edges[] = {
#define EDGE(from, to, cause, action, source)                                                      \
    {TERN_##from, TERN_##to, TERN_CAUSE_##cause, action, source},
#include "tern/edges.def"
};

const char *tern_err_text(tern_err err)
{
    switch (err) {
    case TERN_OK:
        return "success";
#define ERROR(name, value, text)                                                                   \
    case TERN_ERR_##name:                                                                          \
        return text;
#include "tern/errors.def"
#undef ERROR
    }
    return "unknown error";
}

const char *tern_err_name(tern_err err)
{
    switch (err) {
    case TERN_OK:
        return "OK";
#define ERROR(name, value, text)                                                                   \
    case TERN_ERR_##name:                                                                          \
        return #name;
#include "tern/errors.def"
#undef ERROR
    }
    return "UNKNOWN";
}

const char *tern_state_name(tern_state state)
{
    switch (state) {
#define STATE(name, text, properties)                                                              \
    case TERN_##name:                                                                              \
        return text;
#include "tern/states.def"
#undef STATE
    case TERN_STATES:
        break;
    }
    return "UNKNOWN";
}

const char *tern_cause_name(tern_cause cause)
{
    switch (cause) {
#define CAUSE(name, text)                                                                          \
    case TERN_CAUSE_##name:                                                                        \
        return text;
#include "tern/edges.def"
    case TERN_CAUSES:
        break;
    }
    return "unknown";
}

const tern_rule_info *tern_rule_get(tern_rule rule)
{
    size_t index = (size_t)rule;

    return index > TERN_RULE_NONE && index < TERN_RULES ? &names_rules[index] : NULL;
}

const tern_edge_info *tern_edge_get(size_t index)
{
    return index < sizeof names_edges / sizeof names_edges[0] ? &names_edges[index] : NULL;
}

const char *tern_version(void)
{
    return TERN_VERSION_STRING;
}
