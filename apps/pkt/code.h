/* code.h - what stands between %{ and }%: the part of Python that assertions are written in.
 *
 * Statements, by line or by ';': assert CONDITION[, MESSAGE]; print(VALUE or "text", ...);
 * NAME = VALUE, and += -= *=. Values are integers of 64 bits: numbers, names, parentheses, or, and,
 * not, comparisons (chained as well), | ^ & << >> + - * / // % and the signs + - ~, all with
 * Python's precedence and Python's rounding. A message is not read: it says why an assertion was
 * written, and decides nothing. Whatever else there is, and every number that Python would take
 * farther than 64 bits or into fractions, needs python3, and says so rather than guess. */
#ifndef TERN_APPS_PKT_CODE_H
#define TERN_APPS_PKT_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum pkt_code_status {
    PKT_CODE_HOLDS,        /* it ran to its end */
    PKT_CODE_FALSE,        /* an assertion does not hold */
    PKT_CODE_UNKNOWN_NAME, /* nobody has a value for `name` */
    PKT_CODE_WRONG,        /* a division by zero, a negative shift: an error in Python as well */
    PKT_CODE_NEEDS_PYTHON,
} pkt_code_status;

enum { PKT_CODE_NAME_BYTES = 48, PKT_CODE_VALUES_BYTES = 192 };

/* Where the values are. get and set return false for a name that they do not have. */
typedef struct pkt_code_names {
    bool (*get)(void *context, const char *name, int64_t *value);
    bool (*set)(void *context, const char *name, int64_t value);
    void (*print)(void *context, const char *text); /* a piece of a line; "\n" ends it */
    void *context;
} pkt_code_names;

typedef struct pkt_code_outcome {
    pkt_code_status status;
    unsigned line;  /* of the statement, from 1 in the text; 0: all is well */
    const char *at; /* that statement, or its condition, in the text */
    size_t bytes;
    char name[PKT_CODE_NAME_BYTES];     /* UNKNOWN_NAME */
    char values[PKT_CODE_VALUES_BYTES]; /* FALSE: "tcpi_snd_cwnd is 12, cwnd is 10" */
} pkt_code_outcome;

typedef struct pkt_code pkt_code;

/* What scripts call by name though nobody sets it, TCP_ESTABLISHED and its like: the i-th from 0;
 * NULL: there are no more. */
const char *pkt_code_constant(size_t i, int64_t *value);

/* Never NULL but without memory; the text must outlive it. What cannot be read is found out only
 * when it runs, as in Python: a script that never comes so far does not need it. */
pkt_code *pkt_code_parse(const char *text);

/* Could it run without python3? If not, *line is the first that could not. */
bool pkt_code_readable(const pkt_code *code, unsigned *line);

/* Runs it. Nothing of it runs when it is not readable. */
pkt_code_outcome pkt_code_run(const pkt_code *code, const pkt_code_names *names);

void pkt_code_free(pkt_code *code);

#endif
