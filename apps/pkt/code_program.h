/* code_program.h - code as it was parsed: operations in the order in which they run. */
#ifndef TERN_APPS_PKT_CODE_PROGRAM_H
#define TERN_APPS_PKT_CODE_PROGRAM_H

#include "apps/pkt/code.h"

enum {
    CODE_OPS_MAX = 1024,
    CODE_STATEMENTS_MAX = 128,
    CODE_STACK_MAX = 64, /* operators that wait, and values */
};

/* What an operation does to the stack of values. */
typedef enum code_op_kind {
    CODE_NUMBER, /* pushes value */
    CODE_NAME,   /* pushes what `name` is */
    CODE_NEGATE,
    CODE_INVERT,
    CODE_KEEP, /* the sign +: nothing */
    CODE_NOT,
    CODE_AND, /* if the top is 0, jumps to target; else drops it */
    CODE_OR,  /* if the top is not 0, jumps to target; else drops it */
    CODE_ADD,
    CODE_SUBTRACT,
    CODE_MULTIPLY,
    CODE_DIVIDE,
    CODE_FLOOR_DIVIDE,
    CODE_MODULO,
    CODE_SHIFT_LEFT,
    CODE_SHIFT_RIGHT,
    CODE_BIT_AND,
    CODE_BIT_XOR,
    CODE_BIT_OR,
    CODE_EQUAL,
    CODE_NOT_EQUAL,
    CODE_LESS,
    CODE_LESS_EQUAL,
    CODE_GREATER,
    CODE_GREATER_EQUAL,
    CODE_PAREN, /* '(' while it is open: in no program */
} code_op_kind;

typedef struct code_op {
    code_op_kind kind;
    bool chained; /* a comparison of a < b < c: keeps b, or leaves 0 and jumps to target */
    int target;   /* an operation farther on */
    int64_t value;
    const char *at; /* the name, in the text */
    size_t bytes;
} code_op;

typedef enum code_statement_kind {
    CODE_ASSERT,
    CODE_SET,        /* name */
    CODE_PRINT,      /* the value */
    CODE_PRINT_TEXT, /* name: between the quotes */
    CODE_PRINT_END,
    CODE_UNREADABLE,
} code_statement_kind;

typedef struct code_statement {
    code_statement_kind kind;
    unsigned line;
    const char *at; /* the condition or the value; of UNREADABLE what could not be read */
    size_t bytes;
    const char *name;
    size_t name_bytes;
    int first_op, last_op; /* up to, but not with, the last */
} code_statement;

struct pkt_code {
    int op_count, statement_count;
    code_op ops[CODE_OPS_MAX];
    code_statement statements[CODE_STATEMENTS_MAX];
};

#endif
