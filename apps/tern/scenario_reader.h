/* scenario_reader.h - the inside of scenario.c and its parts: words of a line, and mistakes.
 *
 * What is expected next is known at every word, so an error names the word and what should stand
 * there. Functions that return false have written why. */
#ifndef TERN_APPS_SCENARIO_READER_H
#define TERN_APPS_SCENARIO_READER_H

#include "apps/tern/scenario.h"

enum { SCENARIO_WORD_BYTES = SETTING_WORD_BYTES };

typedef struct scenario_reader {
    scenario *s;
    const char *at, *end;           /* in the text: behind the word; of the line */
    const char *word_at;            /* where the word begins */
    char word[SCENARIO_WORD_BYTES]; /* "" at the end of the line */
    uint32_t line;
    scenario_words *last; /* what a `ko` line is the Korean of; NULL: nothing */
    scenario_words nowhere;
    char *why;
} scenario_reader;

__attribute__((format(printf, 2, 3))) bool scenario_fail(const scenario_reader *r,
                                                         const char *format, ...);
/* Says that `what` should stand where the word does. */
bool scenario_expected(const scenario_reader *r, const char *what);

/* The next word; one that is too long is cut, and then is no word that anything expects. */
void scenario_next(scenario_reader *r);
/* Takes the next word back. */
void scenario_back(scenario_reader *r);
bool scenario_at_end(scenario_reader *r);

/* The rest of the line, of which there must be some. */
bool scenario_read_rest(scenario_reader *r, const char *what, scenario_span *rest);
/* The same, and a `ko` line may follow. `words` must stay where it is. */
bool scenario_read_words(scenario_reader *r, scenario_words *words);

/* The index of the word in a list of names; count when it is not there. */
size_t scenario_index(const char *word, const char *const *names, size_t count);
bool scenario_number(const char *text, uint64_t max, uint64_t *number);

bool scenario_read_side(scenario_reader *r, scenario_side *side);
bool scenario_read_number(scenario_reader *r, uint64_t max, const char *what, uint64_t *number);
bool scenario_read_time(scenario_reader *r, tern_time *time_us);
/* Splits "syn:2" in the word; nth is 1 without a colon. */
bool scenario_split_nth(scenario_reader *r, uint32_t *nth);
/* syn, synack, ..: FAULT_NAMES when the word is none. */
fault_name scenario_packet_name(const char *word);
bool scenario_read_state(scenario_reader *r, tern_state *state);
bool scenario_read_rule(scenario_reader *r, tern_rule *rule);
/* connected, accepted, read, ended, closed; SCENARIO_EVENTS when the word is none. */
scenario_event scenario_event_name(const char *word);

/* ---- The statements, behind their first word ----------------------------------------------- */

bool scenario_read_at(scenario_reader *r);
bool scenario_read_when(scenario_reader *r);
bool scenario_read_box(scenario_reader *r, uint32_t *index);
bool scenario_read_link(scenario_reader *r);
bool scenario_read_attack(scenario_reader *r, uint32_t *index);
bool scenario_read_expect(scenario_reader *r, uint32_t *index);
bool scenario_read_figure(scenario_reader *r);

#endif
