/* code_parse.c - Python's expressions into operations, by two stacks instead of recursion.
 *
 * An operator waits until one that binds no closer comes, or the end (Dijkstra's shunting yard).
 * The first statement that is not of the subset is kept as CODE_UNREADABLE: the program ends. */
#include "apps/pkt/code_program.h"

#include <stdlib.h>
#include <string.h>

enum { CODE_DIGITS_MAX = 18, CODE_COMPARISON_BINDS = 4, CODE_SIGN_BINDS = 11 };

typedef struct code_waiting {
    code_op_kind kind;
    int binds;
    int patch; /* AND, OR: its operation; comparison: the last of its chain; -1: none */
} code_waiting;

typedef struct code_parser {
    pkt_code *code;
    const char *at;
    unsigned line;
    int depth; /* parentheses that are open */
    int waiting;
    code_waiting stack[CODE_STACK_MAX];
} code_parser;

/* ---- Characters ---------------------------------------------------------------------------- */

static bool code_is_name(char c, bool first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (!first && c >= '0' && c <= '9');
}

static size_t code_name_bytes(const char *at)
{
    size_t bytes = 0;

    while (code_is_name(at[bytes], bytes == 0))
        bytes++;
    return bytes;
}

/* Past blanks; past a line's end inside parentheses, or behind a backslash. */
static void code_blank(code_parser *p)
{
    for (;;) {
        if (p->at[0] == '\\' && p->at[1] == '\n')
            p->at++;
        else if (*p->at != ' ' && *p->at != '\t' && (p->depth == 0 || *p->at != '\n'))
            return;
        p->line += *p->at++ == '\n' ? 1 : 0;
    }
}

static bool code_take(code_parser *p, const char *text)
{
    size_t bytes = strlen(text);

    code_blank(p);
    if (strncmp(p->at, text, bytes) != 0)
        return false;
    if (code_is_name(text[0], true) && code_is_name(p->at[bytes], false))
        return false;
    p->at += bytes;
    return true;
}

static bool code_at_end(code_parser *p)
{
    code_blank(p);
    return *p->at == '\0' || *p->at == '\n' || *p->at == ';' || *p->at == '#';
}

/* ---- Operations ---------------------------------------------------------------------------- */

static bool code_emit(code_parser *p, code_op op)
{
    if (p->code->op_count == CODE_OPS_MAX)
        return false;
    p->code->ops[p->code->op_count++] = op;
    return true;
}

static bool code_is_comparison(code_op_kind kind)
{
    return kind >= CODE_EQUAL && kind <= CODE_GREATER_EQUAL;
}

/* The operator on top of the stack has all its operands. */
static bool code_release(code_parser *p)
{
    code_waiting w = p->stack[--p->waiting];
    code_op *ops = p->code->ops;

    if (w.kind == CODE_AND || w.kind == CODE_OR) {
        ops[w.patch].target = p->code->op_count;
        return true;
    }
    if (!code_emit(p, (code_op){.kind = w.kind}))
        return false;
    for (int link = w.patch; code_is_comparison(w.kind) && link >= 0;) {
        int before = ops[link].target; /* until here the chain's links */
        ops[link].target = p->code->op_count;
        link = before;
    }
    return true;
}

static bool code_wait(code_parser *p, code_waiting w)
{
    if (p->waiting == CODE_STACK_MAX)
        return false;
    p->stack[p->waiting++] = w;
    return true;
}

/* A binary operator behind an operand. */
static bool code_operator(code_parser *p, code_op_kind kind, int binds)
{
    code_waiting w = {kind, binds, -1};

    while (p->waiting > 0 && p->stack[p->waiting - 1].binds > binds)
        if (!code_release(p))
            return false;
    if (p->waiting > 0 && p->stack[p->waiting - 1].binds == binds) {
        code_waiting *top = &p->stack[p->waiting - 1];
        if (!code_is_comparison(kind)) {
            if (!code_release(p))
                return false;
        } else { /* a < b < c is a < b and b < c, with b computed once */
            code_op link = {.kind = top->kind, .chained = true, .target = top->patch};
            w.patch = p->code->op_count;
            p->waiting--;
            if (!code_emit(p, link))
                return false;
        }
    }
    if (kind == CODE_AND || kind == CODE_OR) {
        w.patch = p->code->op_count;
        if (!code_emit(p, (code_op){.kind = kind}))
            return false;
    }
    return code_wait(p, w);
}

/* ---- Operands ------------------------------------------------------------------------------ */

static bool code_number(code_parser *p)
{
    bool hex = p->at[0] == '0' && (p->at[1] == 'x' || p->at[1] == 'X');
    const char *at = p->at + (hex ? 2 : 0);
    size_t digits = strspn(at, hex ? "0123456789abcdefABCDEF" : "0123456789");
    code_op op = {.kind = CODE_NUMBER};

    /* 007 is an error in Python 3, 1.5 and 1e5 are fractions, 1_000 is rare. */
    if (digits == 0 || digits > (hex ? 15 : CODE_DIGITS_MAX) || at[digits] == '.' ||
        code_is_name(at[digits], false) || (!hex && digits > 1 && at[0] == '0'))
        return false;
    for (size_t i = 0; i < digits; i++) {
        int c = at[i] > '9' ? (at[i] | 0x20) - 'a' + 10 : at[i] - '0';
        op.value = op.value * (hex ? 16 : 10) + c;
    }
    p->at = at + digits;
    return code_emit(p, op);
}

/* Words that mean something else in Python than a name. */
static bool code_is_keyword(const char *at, size_t bytes)
{
    static const char *const words[] = {
        "and",    "as",     "assert", "async",  "await",   "break",    "class", "continue", "def",
        "del",    "elif",   "else",   "except", "finally", "for",      "from",  "global",   "if",
        "import", "in",     "is",     "lambda", "None",    "nonlocal", "not",   "or",       "pass",
        "raise",  "return", "try",    "while",  "with",    "yield",    "print",
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i]) == bytes && memcmp(words[i], at, bytes) == 0)
            return true;
    return false;
}

static bool code_name(code_parser *p)
{
    size_t bytes = code_name_bytes(p->at);
    code_op op = {.kind = CODE_NAME, .at = p->at, .bytes = bytes};

    if (bytes == 0 || bytes >= PKT_CODE_NAME_BYTES || code_is_keyword(p->at, bytes))
        return false;
    if (code_take(p, "True") || code_take(p, "False"))
        op = (code_op){.kind = CODE_NUMBER, .value = *op.at == 'T' ? 1 : 0};
    else
        p->at += bytes;
    return code_emit(p, op);
}

/* What stands before an operand: signs, not, '('. */
static bool code_prefix(code_parser *p, bool *more)
{
    *more = true;
    if (code_take(p, "("))
        return p->depth++, code_wait(p, (code_waiting){CODE_PAREN, 0, -1});
    if (code_take(p, "not")) {
        bool closer = p->waiting > 0 && p->stack[p->waiting - 1].binds > 3;
        return !closer && code_wait(p, (code_waiting){CODE_NOT, 3, -1});
    }
    if (code_take(p, "-"))
        return code_wait(p, (code_waiting){CODE_NEGATE, CODE_SIGN_BINDS, -1});
    if (code_take(p, "~"))
        return code_wait(p, (code_waiting){CODE_INVERT, CODE_SIGN_BINDS, -1});
    if (code_take(p, "+"))
        return code_wait(p, (code_waiting){CODE_KEEP, CODE_SIGN_BINDS, -1});
    *more = false;
    return true;
}

static bool code_close(code_parser *p)
{
    while (p->waiting > 0 && p->stack[p->waiting - 1].kind != CODE_PAREN)
        if (!code_release(p))
            return false;
    if (p->waiting == 0)
        return false;
    p->waiting--;
    p->depth--;
    return true;
}

/* The operator here; false: none, and the text is where it was. Two characters before one. */
static bool code_operator_read(code_parser *p, code_op_kind *kind, int *binds)
{
    static const struct {
        const char *text;
        code_op_kind kind;
        int binds;
    } table[] = {
        {"or", CODE_OR, 1},         {"and", CODE_AND, 2},
        {"==", CODE_EQUAL, 4},      {"!=", CODE_NOT_EQUAL, 4},
        {"<<", CODE_SHIFT_LEFT, 8}, {">>", CODE_SHIFT_RIGHT, 8},
        {"<=", CODE_LESS_EQUAL, 4}, {">=", CODE_GREATER_EQUAL, 4},
        {"<", CODE_LESS, 4},        {">", CODE_GREATER, 4},
        {"|", CODE_BIT_OR, 5},      {"^", CODE_BIT_XOR, 6},
        {"&", CODE_BIT_AND, 7},     {"+", CODE_ADD, 9},
        {"-", CODE_SUBTRACT, 9},    {"//", CODE_FLOOR_DIVIDE, 10},
        {"/", CODE_DIVIDE, 10},     {"%", CODE_MODULO, 10},
        {"*", CODE_MULTIPLY, 10},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (code_take(p, table[i].text)) {
            *kind = table[i].kind;
            *binds = table[i].binds;
            return true;
        }
    }
    return false;
}

/* One expression. It ends before ',', a statement's end, or a ')' that is not its own. */
static bool code_expression(code_parser *p)
{
    int outer = p->depth, base = p->waiting;
    bool more = true;

    for (;;) {
        code_op_kind kind = CODE_NUMBER;
        int binds = 0;
        while (more)
            if (!code_prefix(p, &more))
                return false;
        code_blank(p);
        if (!(*p->at >= '0' && *p->at <= '9' ? code_number(p) : code_name(p)))
            return false;
        while (p->depth > outer && code_take(p, ")"))
            if (!code_close(p))
                return false;
        code_blank(p);
        if (strncmp(p->at, "**", 2) == 0)
            return false;
        if (!code_operator_read(p, &kind, &binds))
            break;
        if (!code_operator(p, kind, binds))
            return false;
        more = true;
    }
    while (p->waiting > base && p->stack[p->waiting - 1].kind != CODE_PAREN)
        if (!code_release(p))
            return false;
    return p->waiting == base && p->depth == outer;
}

/* ---- Statements ---------------------------------------------------------------------------- */

static code_statement *code_statement_new(code_parser *p, code_statement_kind kind)
{
    code_statement *s = &p->code->statements[p->code->statement_count];

    if (p->code->statement_count == CODE_STATEMENTS_MAX - 1) /* one is left for UNREADABLE */
        return NULL;
    p->code->statement_count++;
    code_blank(p);
    *s = (code_statement){.kind = kind, .line = p->line, .at = p->at};
    s->first_op = s->last_op = p->code->op_count;
    return s;
}

static bool code_statement_value(code_parser *p, code_statement *s)
{
    if (s == NULL || !code_expression(p))
        return false;
    s->bytes = (size_t)(p->at - s->at);
    while (s->bytes > 0 && (s->at[s->bytes - 1] == ' ' || s->at[s->bytes - 1] == '\t'))
        s->bytes--;
    s->last_op = p->code->op_count;
    return true;
}

/* Past the message of an assertion: strings are whole, brackets are even. */
static bool code_message(code_parser *p)
{
    int open = 0;

    while (open > 0 || !code_at_end(p)) {
        char c = *p->at;
        if (c == '\0' || c == '\\' || c == '#')
            return false;
        if (c == '\'' || c == '"') {
            const char *end = strpbrk(p->at + 1, c == '"' ? "\"\\\n" : "'\\\n");
            if (end == NULL || *end != c)
                return false;
            p->at = end;
        }
        open += c == '(' || c == '[' || c == '{' ? 1 : 0;
        open -= c == ')' || c == ']' || c == '}' ? 1 : 0;
        if (open < 0)
            return false;
        p->line += c == '\n' ? 1 : 0;
        p->at++;
    }
    return true;
}

static bool code_assert(code_parser *p)
{
    if (!code_statement_value(p, code_statement_new(p, CODE_ASSERT)))
        return false;
    return !code_take(p, ",") || (!code_at_end(p) && code_message(p));
}

/* A string without an escape. */
static bool code_print_text(code_parser *p)
{
    code_statement *s = code_statement_new(p, CODE_PRINT_TEXT);
    const char quote[] = {*p->at, '\\', '\n', '\0'};
    size_t bytes = strcspn(p->at + 1, quote);

    if (s == NULL || p->at[1 + bytes] != quote[0])
        return false;
    s->name = p->at + 1;
    s->name_bytes = bytes;
    p->at += bytes + 2;
    return true;
}

static bool code_print(code_parser *p)
{
    if (!code_take(p, "("))
        return false;
    p->depth++;
    for (bool first = true; !code_take(p, ")"); first = false) {
        if (!first && !code_take(p, ","))
            return false;
        code_blank(p);
        if (*p->at == '"' || *p->at == '\'') {
            if (!code_print_text(p))
                return false;
        } else if (!code_statement_value(p, code_statement_new(p, CODE_PRINT))) {
            return false;
        }
    }
    p->depth--;
    return code_statement_new(p, CODE_PRINT_END) != NULL;
}

/* NAME = VALUE, NAME += VALUE. */
static bool code_set(code_parser *p)
{
    static const struct {
        const char *text;
        code_op_kind kind;
    } table[] = {{"+=", CODE_ADD}, {"-=", CODE_SUBTRACT}, {"*=", CODE_MULTIPLY}};
    size_t i = 0, bytes = code_name_bytes(p->at);
    code_op name = {.kind = CODE_NAME, .at = p->at, .bytes = bytes};
    code_statement *s = code_statement_new(p, CODE_SET);

    if (s == NULL || bytes == 0 || bytes >= PKT_CODE_NAME_BYTES || code_is_keyword(p->at, bytes))
        return false;
    s->name = p->at;
    s->name_bytes = bytes;
    p->at += bytes;
    while (i < 3 && !code_take(p, table[i].text))
        i++;
    if (i == 3)
        return strncmp(p->at, "==", 2) != 0 && code_take(p, "=") && code_statement_value(p, s);
    return code_emit(p, name) && code_statement_value(p, s) &&
           code_emit(p, (code_op){.kind = table[i].kind}) && (s->last_op++, true);
}

static bool code_statement_read(code_parser *p)
{
    bool good;

    p->waiting = p->depth = 0;
    if (code_take(p, "assert"))
        good = code_assert(p);
    else if (code_take(p, "print"))
        good = code_print(p);
    else
        good = code_set(p);
    return good && p->depth == 0 && code_at_end(p);
}

static void code_unreadable(code_parser *p, const char *at, unsigned line, int statements)
{
    code_statement *s = &p->code->statements[statements];

    *s = (code_statement){.kind = CODE_UNREADABLE, .line = line, .at = at};
    s->bytes = strcspn(at, "\n");
    p->code->statement_count = statements + 1;
}

pkt_code *pkt_code_parse(const char *text)
{
    code_parser p = {.at = text, .line = 1};

    p.code = calloc(1, sizeof *p.code);
    while (p.code != NULL && *p.at != '\0') {
        const char *line_start = p.at;
        bool apart = p.at > text && p.at[-1] == '\n';
        code_blank(&p);
        bool indented = apart && p.at > line_start;
        if (*p.at == '#')
            p.at += strcspn(p.at, "\n");
        if (*p.at == '\n' || *p.at == ';') {
            p.line += *p.at++ == '\n' ? 1 : 0;
        } else if (*p.at != '\0') {
            const char *at = p.at;
            unsigned line = p.line;
            int statements = p.code->statement_count;
            if (indented || !code_statement_read(&p)) {
                code_unreadable(&p, at, line, statements);
                break;
            }
        }
    }
    return p.code;
}

void pkt_code_free(pkt_code *code)
{
    free(code);
}
