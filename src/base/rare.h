/* rare.h - what an ordinary segment does not pass through, marked so that the rest stays close. */
#ifndef TERN_BASE_RARE_H
#define TERN_BASE_RARE_H

/* In front of a definition: the compiler keeps the function apart and takes calls of it to be
 * unlikely. For answers to loss, disorder, attack and age; bench/ says whether it pays. */
#define RARE __attribute__((cold, noinline))

#endif
