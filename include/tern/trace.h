/* trace.h - every decision of a stack, as it is made.
 *
 * The hook is called from inside tern_input(), tern_output() and the user calls; it must not call
 * the stack. It is the one thing a stack holds of the outside: give it again after moving a stack.
 * Without a hook, tracing costs one test of a pointer. */
#ifndef TERN_TRACE_H
#define TERN_TRACE_H

#include "tern/tern.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tern_trace_kind {
    TERN_TRACE_STATE,   /* from -> to by cause */
    TERN_TRACE_RULE,    /* rule decided something */
    TERN_TRACE_SEGMENT, /* a segment has come, to what stood in `from` when it came */
} tern_trace_kind;

typedef struct tern_trace {
    tern_trace_kind kind;
    tern_time now_us;
    tern_endpoint local, remote; /* remote all zero: no connection (a listener, a bad packet) */
    tern_state from, to;         /* TERN_TRACE_STATE; from: TERN_TRACE_SEGMENT */
    tern_cause cause;            /* TERN_TRACE_STATE */
    tern_rule rule;              /* TERN_TRACE_RULE */
    uint16_t flags;              /* TERN_TRACE_SEGMENT: the control bits (RFC 9293 3.1), FIN 1 */
    uint32_t text_bytes;         /* TERN_TRACE_SEGMENT */
} tern_trace;

typedef void tern_trace_hook(void *context, const tern_trace *trace);

/* hook NULL: no tracing. */
TERN_API void tern_trace_set(tern_stack *stack, tern_trace_hook *hook, void *context);

#ifdef __cplusplus
}
#endif

#endif
