/* verbs.h - the verbs of the command line.
 *
 * Each takes the words after `tern`, argv[0] being the verb itself, and returns the exit status:
 * 0 done, 1 failed, 2 wrong usage (`tern get` has curl's numbers besides). main() has already set
 * the language and taken `--lang` out of the arguments. */
#ifndef TERN_APPS_VERBS_H
#define TERN_APPS_VERBS_H

int play_run(int argc, char **argv);
int get_run(int argc, char **argv);
int serve_run(int argc, char **argv);
int states_run(int argc, char **argv);
int rules_run(int argc, char **argv);
int when_run(int argc, char **argv);
int drill_run(int argc, char **argv);
int bench_run(int argc, char **argv);

#endif
