/* icmp_errors.h - what ICMP says of segments that we sent. */
#ifndef TERN_STACK_ICMP_ERRORS_H
#define TERN_STACK_ICMP_ERRORS_H

#include "stack/stack.h"
#include "wire/icmp.h"

/* A message of kind ICMP_ERROR has come. f: addresses only. */
void icmp_errors_arrive(tern_stack *s, const struct flow *f, const icmp_message *icmp);

#endif
