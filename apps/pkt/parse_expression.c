/* parse_expression.c - arguments: values, lists, structures, without recursion.
 *
 * What is open stands on a stack of PKT_DEPTH_MAX frames: a list, structure, function or chunk
 * until its bracket closes, a field and an OR until their operand ends. The machine has two states:
 * it expects an operand, or it has one and looks what the next token makes of it. */
#include "apps/pkt/parser.h"
#include "apps/pkt/shapes.h"

#include <string.h>

typedef struct expression_frame {
    pkt_expr *node;
    pkt_expr **end; /* where its next child goes */
} expression_frame;

typedef struct expression {
    pkt_parser *p;
    bool chunks;
    int depth;
    expression_frame frames[PKT_DEPTH_MAX];
} expression;

static pkt_expr *expression_node(expression *x, pkt_expr_kind kind)
{
    pkt_expr *node = pkt_arena_take(&x->p->script->arena, sizeof *node);

    node->kind = kind;
    node->place = x->p->now.place;
    return node;
}

static bool expression_push(expression *x, pkt_expr *node)
{
    if (x->depth == PKT_DEPTH_MAX)
        return parser_wrong(x->p, node->place, N_("this is nested deeper than 24 levels"));
    x->frames[x->depth++] = (expression_frame){node, &node->first};
    return true;
}

static expression_frame *expression_top(expression *x)
{
    return x->depth > 0 ? &x->frames[x->depth - 1] : NULL;
}

static bool expression_top_is(expression *x, pkt_expr_kind kind)
{
    return x->depth > 0 && x->frames[x->depth - 1].node->kind == kind;
}

static void expression_append(expression_frame *frame, pkt_expr *child)
{
    *frame->end = child;
    frame->end = &child->next;
    frame->node->children++;
}

/* ---- Operands ------------------------------------------------------------------------------ */

/* "text", "text"..., or "a" "b". */
static pkt_expr *expression_string(expression *x)
{
    pkt_parser *p = x->p;
    pkt_expr *string = expression_node(x, PKT_STRING);

    string->text = parser_text(p);
    if (p->now.kind == TOKEN_ELLIPSIS) {
        string->open = true;
        parser_next(p);
        return string;
    }
    if (p->now.kind != TOKEN_STRING)
        return string;
    pkt_expr *strings = expression_node(x, PKT_STRINGS);
    expression_frame frame = {strings, &strings->first};
    strings->place = string->place;
    expression_append(&frame, string);
    while (p->now.kind == TOKEN_STRING) {
        string = expression_node(x, PKT_STRING);
        string->text = parser_text(p);
        expression_append(&frame, string);
    }
    return strings;
}

/* What closes a frame's list. */
static char expression_closer(pkt_expr_kind kind)
{
    return kind == PKT_STRUCT ? '}' : kind == PKT_FUNCTION ? ')' : ']';
}

/* Takes an opening bracket. *operand becomes the node when the list is empty, and else the frame is
 * pushed and the machine expects an operand again. */
static bool expression_open(expression *x, pkt_expr *node, pkt_expr **operand)
{
    parser_next(x->p);
    if (parser_take_mark(x->p, expression_closer(node->kind))) {
        *operand = node;
        return true;
    }
    return expression_push(x, node);
}

/* A word: a symbol, or what the next token makes of it. */
static bool expression_word(expression *x, pkt_expr **operand)
{
    pkt_parser *p = x->p;
    pkt_expr *word = expression_node(x, PKT_WORD);

    word->text = parser_text(p);
    if (parser_is_mark(p, '(')) {
        word->kind = PKT_FUNCTION;
        return expression_open(x, word, operand);
    }
    if (x->chunks && parser_is_mark(p, '[')) {
        word->kind = PKT_ITEM;
        return expression_open(x, word, operand);
    }
    if (parser_take_mark(p, '=')) {
        word->kind = PKT_FIELD;
        return expression_push(x, word);
    }
    *operand = word;
    return true;
}

/* The operand that begins here. *operand stays NULL when it is not whole yet. */
static bool expression_operand(expression *x, pkt_expr **operand)
{
    pkt_parser *p = x->p;

    *operand = NULL;
    if (p->now.kind == TOKEN_WORD)
        return expression_word(x, operand);
    if (parser_is_mark(p, '['))
        return expression_open(x, expression_node(x, PKT_ARRAY), operand);
    if (parser_is_mark(p, '{'))
        return expression_open(x, expression_node(x, PKT_STRUCT), operand);
    if (p->now.kind == TOKEN_STRING) {
        *operand = expression_string(x);
        return !p->failed;
    }
    if (x->chunks && (p->now.kind == TOKEN_IPV4 || p->now.kind == TOKEN_IPV6)) {
        *operand = expression_node(x, PKT_WORD);
        (*operand)->text = parser_text(p);
        return !p->failed;
    }
    if (p->now.kind != TOKEN_INTEGER && p->now.kind != TOKEN_HEX && p->now.kind != TOKEN_ELLIPSIS)
        return parser_expected(p, N_("a value: a number, a symbol, a \"string\", [a list], {a "
                                     "structure} or ..."));
    *operand = expression_node(x, p->now.kind == TOKEN_ELLIPSIS ? PKT_ELLIPSIS : PKT_INTEGER);
    if (p->now.integer == INT64_MAX || p->now.integer == -INT64_MAX)
        return parser_wrong(p, p->now.place, N_("this number is too large"));
    (*operand)->hex = p->now.kind == TOKEN_HEX;
    (*operand)->integer = p->now.integer;
    parser_next(p);
    return !p->failed;
}

/* ---- What follows one ---------------------------------------------------------------------- */

/* a|b, a:b: is the token an operator behind this operand? Then the frame is pushed, and the machine
 * expects an operand. */
static bool expression_operator(expression *x, pkt_expr *operand)
{
    pkt_parser *p = x->p;
    bool pair = x->chunks && operand->kind == PKT_INTEGER && parser_is_mark(p, ':');

    if (!pair && !parser_is_mark(p, '|'))
        return false;
    parser_next(p);
    if (!pair && expression_top_is(x, PKT_OR)) {
        expression_append(expression_top(x), operand);
        return true;
    }
    pkt_expr *node = expression_node(x, pair ? PKT_PAIR : PKT_OR);
    node->place = operand->place;
    if (expression_push(x, node))
        expression_append(expression_top(x), operand);
    return true;
}

/* Is a list's bracket closed? Then *operand is the list: it may be a field's name yet. */
static bool expression_close(expression *x, expression_frame *frame, pkt_expr **operand)
{
    pkt_parser *p = x->p;
    pkt_expr *node = frame->node;
    const pkt_expr *wrong = NULL;

    if (parser_take_mark(p, ',')) {
        *operand = NULL; /* the next member */
        return true;
    }
    if (!parser_mark(p, expression_closer(node->kind)))
        return false;
    x->depth--;
    *operand = node;
    if (node->kind == PKT_STRUCT) {
        const char *why = shapes_recognize(node, &wrong);
        return why == NULL || parser_wrong(p, wrong->place, why);
    }
    if (node->kind == PKT_FUNCTION && expression_top_is(x, PKT_STRUCT) &&
        parser_take_mark(p, '=')) {
        node->kind = PKT_FIELD; /* msg_iov(1)=... */
        *operand = NULL;
        if (node->children != 1)
            return parser_wrong(p, node->place, N_("a field has one length in its parentheses"));
        return expression_push(x, node);
    }
    return true;
}

/* The operand is whole: gives it to what is open. *operand NULL: another is expected; depth 0 and
 * not NULL: this is the expression. */
static bool expression_reduce(expression *x, pkt_expr **operand)
{
    while (x->depth > 0 && *operand != NULL) {
        expression_frame *frame = expression_top(x);
        pkt_expr *node = frame->node;
        if (expression_operator(x, *operand)) {
            *operand = NULL;
        } else if (node->kind == PKT_FIELD) {
            node->value = *operand;
            *operand = node;
            x->depth--;
        } else if (node->kind == PKT_OR || node->kind == PKT_PAIR) {
            expression_append(frame, *operand);
            *operand = node;
            x->depth--;
        } else {
            expression_append(frame, *operand);
            if (!expression_close(x, frame, operand))
                return false;
        }
    }
    if (*operand != NULL && expression_operator(x, *operand))
        *operand = NULL;
    return !x->p->failed;
}

pkt_expr *parse_expression(pkt_parser *p, bool chunks)
{
    expression x = {.p = p, .chunks = chunks};
    pkt_expr *operand = NULL;

    while (operand == NULL || x.depth > 0)
        if (!expression_operand(&x, &operand) ||
            (operand != NULL && !expression_reduce(&x, &operand)))
            return NULL;
    return operand;
}

/* ---- System calls -------------------------------------------------------------------------- */

/* The words between parentheses, as they stand: "(flags O_RDWR|O_NONBLOCK)". */
static const char *call_note(pkt_parser *p)
{
    enum { NOTE_BYTES = 256 };
    char text[NOTE_BYTES];
    size_t bytes = 0;
    const char *end = NULL;

    if (!parser_mark(p, '('))
        return NULL;
    while (p->now.kind != TOKEN_END && !parser_is_mark(p, ')')) {
        bool apart = end != NULL && p->now.at != end;
        if (bytes + p->now.bytes + 4 > sizeof text) {
            (void)parser_wrong(p, p->now.place, N_("a note of more than 250 octets"));
            return NULL;
        }
        if (p->now.kind == TOKEN_STRING || p->now.kind == TOKEN_COMMAND ||
            p->now.kind == TOKEN_CODE || p->now.kind == TOKEN_OPTION) {
            (void)parser_expected(p, N_("the words of a note, and ')'"));
            return NULL;
        }
        if (apart)
            text[bytes++] = ' ';
        memcpy(text + bytes, p->now.at, p->now.bytes);
        bytes += p->now.bytes;
        end = p->now.at + p->now.bytes;
        parser_next(p);
    }
    if (bytes == 0)
        (void)parser_expected(p, N_("the words of a note, and ')'"));
    return parser_mark(p, ')') ? pkt_arena_text(&p->script->arena, text, bytes) : NULL;
}

static bool call_arguments(pkt_parser *p, pkt_call *call)
{
    pkt_expr **end = &call->arguments;

    if (!parser_mark(p, '('))
        return false;
    if (parser_take_mark(p, ')'))
        return true;
    do {
        pkt_expr *argument = parse_expression(p, false);
        if (argument == NULL)
            return false;
        *end = argument;
        end = &argument->next;
        call->argument_count++;
    } while (parser_take_mark(p, ','));
    return parser_mark(p, ')');
}

static bool call_result(pkt_parser *p, pkt_call *call)
{
    if (!parser_mark(p, '='))
        return false;
    call->result = parse_expression(p, false);
    if (call->result == NULL)
        return false;
    if (p->now.kind == TOKEN_WORD) {
        call->error = parser_text(p);
        call->reason = call_note(p);
    }
    if (parser_is_mark(p, '('))
        call->note = call_note(p);
    return !p->failed;
}

pkt_call *parse_call(pkt_parser *p)
{
    pkt_call *call = pkt_arena_take(&p->script->arena, sizeof *call);

    call->blocks = p->now.kind == TOKEN_ELLIPSIS;
    if (call->blocks) {
        parser_next(p);
        if (!parser_seconds(p, &call->end_us))
            return call;
    }
    call->place = p->now.place;
    if (p->now.kind != TOKEN_WORD) {
        (void)parser_expected(p, N_("the name of a system call"));
        return call;
    }
    call->name = parser_text(p);
    if (call_arguments(p, call))
        (void)call_result(p, call);
    return call;
}
