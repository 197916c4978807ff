/* code_run.c - runs the operations of a program over a stack of values. */
#include "apps/pkt/code_program.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct code_run {
    const pkt_code *code;
    const pkt_code_names *names;
    pkt_code_outcome *outcome;
    int depth;
    int64_t values[CODE_STACK_MAX + 2];
} code_run;

/* What scripts call by name. The states are numbered as Linux does, also under the names that BSD
 * gives them: tcpi_state here is Linux's, whichever system the script was written for. */
static const struct {
    const char *name;
    int64_t value;
} code_constants[] = {
    {"TCP_ESTABLISHED", 1},     {"TCP_SYN_SENT", 2},         {"TCP_SYN_RECV", 3},
    {"TCP_FIN_WAIT1", 4},       {"TCP_FIN_WAIT2", 5},        {"TCP_TIME_WAIT", 6},
    {"TCP_CLOSE", 7},           {"TCP_CLOSE_WAIT", 8},       {"TCP_LAST_ACK", 9},
    {"TCP_LISTEN", 10},         {"TCP_CLOSING", 11},         {"TCPI_ESTABLISHED", 1},
    {"TCPI_SYN_SENT", 2},       {"TCPI_SYN_RECEIVED", 3},    {"TCPI_FIN_WAIT_1", 4},
    {"TCPI_FIN_WAIT_2", 5},     {"TCPI_TIME_WAIT", 6},       {"TCPI_CLOSED", 7},
    {"TCPI_CLOSE_WAIT", 8},     {"TCPI_LAST_ACK", 9},        {"TCPI_LISTEN", 10},
    {"TCPI_CLOSING", 11},       {"TCP_CA_Open", 0},          {"TCP_CA_Disorder", 1},
    {"TCP_CA_CWR", 2},          {"TCP_CA_Recovery", 3},      {"TCP_CA_Loss", 4},
    {"TCPI_OPT_TIMESTAMPS", 1}, {"TCPI_OPT_SACK", 2},        {"TCPI_OPT_WSCALE", 4},
    {"TCPI_OPT_ECN", 8},        {"TCPI_OPT_ECN_SEEN", 16},   {"TCPI_OPT_SYN_DATA", 32},
    {"TCPI_OPT_USEC_TS", 64},   {"TCPI_OPT_TFO_CHILD", 128},
};

const char *pkt_code_constant(size_t i, int64_t *value)
{
    if (i >= sizeof code_constants / sizeof code_constants[0])
        return NULL;
    *value = code_constants[i].value;
    return code_constants[i].name;
}

static bool code_value_of(const code_run *r, const char *at, size_t bytes, int64_t *value)
{
    char name[PKT_CODE_NAME_BYTES];

    memcpy(name, at, bytes);
    name[bytes] = '\0';
    if (r->names->get(r->names->context, name, value))
        return true;
    for (size_t i = 0; i < sizeof code_constants / sizeof code_constants[0]; i++) {
        if (strcmp(code_constants[i].name, name) == 0) {
            *value = code_constants[i].value;
            return true;
        }
    }
    memcpy(r->outcome->name, name, bytes + 1);
    return false;
}

/* ---- Arithmetic ---------------------------------------------------------------------------- */

static pkt_code_status code_divide(code_op_kind kind, int64_t a, int64_t b, int64_t *result)
{
    if (b == 0)
        return PKT_CODE_WRONG;
    if (a == INT64_MIN && b == -1)
        return PKT_CODE_NEEDS_PYTHON;
    int64_t quotient = a / b, rest = a % b;
    if (kind == CODE_DIVIDE && rest != 0)
        return PKT_CODE_NEEDS_PYTHON;               /* a fraction */
    bool down = rest != 0 && (rest < 0) != (b < 0); /* Python rounds down, C towards zero */
    *result = kind == CODE_MODULO ? rest + (down ? b : 0) : quotient - (down ? 1 : 0);
    return PKT_CODE_HOLDS;
}

static pkt_code_status code_shift(code_op_kind kind, int64_t a, int64_t b, int64_t *result)
{
    if (b < 0)
        return PKT_CODE_WRONG;
    if (kind == CODE_SHIFT_RIGHT) {
        int64_t bits = b > 63 ? 63 : b;
        *result = a < 0 ? ~(~a >> bits) : a >> bits;
        return PKT_CODE_HOLDS;
    }
    if (b > 62 || __builtin_mul_overflow(a, INT64_C(1) << b, result))
        return PKT_CODE_NEEDS_PYTHON;
    return PKT_CODE_HOLDS;
}

static bool code_compare(code_op_kind kind, int64_t a, int64_t b)
{
    if (kind == CODE_EQUAL || kind == CODE_NOT_EQUAL)
        return (a == b) == (kind == CODE_EQUAL);
    if (kind == CODE_LESS || kind == CODE_GREATER_EQUAL)
        return (a < b) == (kind == CODE_LESS);
    return (a > b) == (kind == CODE_GREATER);
}

static pkt_code_status code_binary(code_op_kind kind, int64_t a, int64_t b, int64_t *result)
{
    bool over = false;

    if (kind >= CODE_EQUAL)
        *result = code_compare(kind, a, b);
    else if (kind == CODE_DIVIDE || kind == CODE_FLOOR_DIVIDE || kind == CODE_MODULO)
        return code_divide(kind, a, b, result);
    else if (kind == CODE_SHIFT_LEFT || kind == CODE_SHIFT_RIGHT)
        return code_shift(kind, a, b, result);
    else if (kind == CODE_ADD)
        over = __builtin_add_overflow(a, b, result);
    else if (kind == CODE_SUBTRACT)
        over = __builtin_sub_overflow(a, b, result);
    else if (kind == CODE_MULTIPLY)
        over = __builtin_mul_overflow(a, b, result);
    else if (kind == CODE_BIT_AND)
        *result = a & b;
    else
        *result = kind == CODE_BIT_OR ? a | b : a ^ b;
    return over ? PKT_CODE_NEEDS_PYTHON : PKT_CODE_HOLDS;
}

static pkt_code_status code_unary(code_op_kind kind, int64_t *top)
{
    if (kind == CODE_NEGATE && *top == INT64_MIN)
        return PKT_CODE_NEEDS_PYTHON;
    if (kind == CODE_NEGATE)
        *top = -*top;
    else if (kind == CODE_INVERT)
        *top = ~*top;
    else if (kind == CODE_NOT)
        *top = *top == 0;
    return PKT_CODE_HOLDS;
}

/* ---- One expression ------------------------------------------------------------------------ */

/* Does one operation; *next is the one after it. */
static pkt_code_status code_step(code_run *r, const code_op *op, int *next)
{
    int64_t *top = &r->values[r->depth > 0 ? r->depth - 1 : 0], result = 0;

    if (op->kind == CODE_NUMBER || op->kind == CODE_NAME) {
        int64_t value = op->value;
        if (r->depth == CODE_STACK_MAX + 2)
            return PKT_CODE_NEEDS_PYTHON;
        if (op->kind == CODE_NAME && !code_value_of(r, op->at, op->bytes, &value))
            return PKT_CODE_UNKNOWN_NAME;
        r->values[r->depth++] = value;
        return PKT_CODE_HOLDS;
    }
    if (op->kind <= CODE_NOT)
        return code_unary(op->kind, top);
    if (op->kind == CODE_AND || op->kind == CODE_OR) {
        if ((*top != 0) == (op->kind == CODE_OR))
            *next = op->target;
        else
            r->depth--;
        return PKT_CODE_HOLDS;
    }
    pkt_code_status status = code_binary(op->kind, top[-1], top[0], &result);
    if (op->chained && result != 0) {
        top[-1] = top[0]; /* b stays, for b < c */
    } else {
        top[-1] = result;
        if (op->chained)
            *next = op->target;
    }
    r->depth--;
    return status;
}

static pkt_code_status code_value(code_run *r, const code_statement *s, int64_t *value)
{
    pkt_code_status status = PKT_CODE_HOLDS;
    int next = s->first_op;

    r->depth = 0;
    while (status == PKT_CODE_HOLDS && next < s->last_op) {
        const code_op *op = &r->code->ops[next++];
        status = code_step(r, op, &next);
    }
    *value = r->values[0];
    return status;
}

/* ---- Statements ---------------------------------------------------------------------------- */

/* "a is 1, b is 2": the names of a condition, each once. */
static void code_tell_values(code_run *r, const code_statement *s)
{
    char *values = r->outcome->values;
    size_t bytes = 0;

    for (int i = s->first_op; i < s->last_op; i++) {
        const code_op *op = &r->code->ops[i];
        int64_t value = 0;
        bool told = op->kind != CODE_NAME;
        for (int j = s->first_op; j < i && !told; j++)
            told = r->code->ops[j].kind == CODE_NAME && r->code->ops[j].bytes == op->bytes &&
                   memcmp(r->code->ops[j].at, op->at, op->bytes) == 0;
        if (told || !code_value_of(r, op->at, op->bytes, &value))
            continue;
        int more = snprintf(values + bytes, PKT_CODE_VALUES_BYTES - bytes, "%s%.*s is %" PRId64,
                            bytes > 0 ? ", " : "", (int)op->bytes, op->at, value);
        if (more < 0 || (size_t)more >= PKT_CODE_VALUES_BYTES - bytes) {
            values[bytes] = '\0';
            return;
        }
        bytes += (size_t)more;
    }
}

static void code_print(code_run *r, const code_statement *s, int64_t value, bool *inside)
{
    char text[256];

    if (s->kind == CODE_PRINT_END)
        (void)snprintf(text, sizeof text, "\n");
    else if (s->kind == CODE_PRINT)
        (void)snprintf(text, sizeof text, "%s%" PRId64, *inside ? " " : "", value);
    else
        (void)snprintf(text, sizeof text, "%s%.*s", *inside ? " " : "", (int)s->name_bytes,
                       s->name);
    *inside = s->kind != CODE_PRINT_END;
    r->names->print(r->names->context, text);
}

static pkt_code_status code_set(code_run *r, const code_statement *s, int64_t value)
{
    char name[PKT_CODE_NAME_BYTES];

    memcpy(name, s->name, s->name_bytes);
    name[s->name_bytes] = '\0';
    return r->names->set(r->names->context, name, value) ? PKT_CODE_HOLDS : PKT_CODE_NEEDS_PYTHON;
}

static pkt_code_status code_statement_run(code_run *r, const code_statement *s, bool *inside)
{
    int64_t value = 0;
    pkt_code_status status = code_value(r, s, &value);

    if (status != PKT_CODE_HOLDS)
        return status;
    if (s->kind == CODE_SET)
        return code_set(r, s, value);
    if (s->kind != CODE_ASSERT) {
        code_print(r, s, value, inside);
        return PKT_CODE_HOLDS;
    }
    if (value != 0)
        return PKT_CODE_HOLDS;
    code_tell_values(r, s);
    r->outcome->name[0] = '\0'; /* what the condition never came to may have no value */
    return PKT_CODE_FALSE;
}

bool pkt_code_readable(const pkt_code *code, unsigned *line)
{
    int last = code->statement_count - 1;
    bool readable = last < 0 || code->statements[last].kind != CODE_UNREADABLE;

    *line = readable ? 0 : code->statements[last].line;
    return readable;
}

pkt_code_outcome pkt_code_run(const pkt_code *code, const pkt_code_names *names)
{
    pkt_code_outcome outcome = {.status = PKT_CODE_HOLDS};
    code_run r = {.code = code, .names = names, .outcome = &outcome};
    const code_statement *s = code->statements, *end = s + code->statement_count;
    unsigned line = 0;
    bool inside = false;

    if (!pkt_code_readable(code, &line)) {
        outcome.status = PKT_CODE_NEEDS_PYTHON;
        s = end - 1;
    }
    for (; s < end && outcome.status == PKT_CODE_HOLDS; s++)
        outcome.status = code_statement_run(&r, s, &inside);
    if (outcome.status == PKT_CODE_HOLDS)
        return outcome;
    s -= line == 0 ? 1 : 0;
    outcome.line = s->line;
    outcome.at = s->at;
    outcome.bytes = s->bytes;
    return outcome;
}
