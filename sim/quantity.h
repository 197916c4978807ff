/* quantity.h - what a person types for a time, a share or a rate: text to integers.
 *
 * No floats: "2.5%" is read digit by digit, to the last millionth; a finer digit is an error and
 * not a rounding. On failure nothing is written to the result. */
#ifndef TERN_SIM_QUANTITY_H
#define TERN_SIM_QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

/* "20ms", "1.5s", "300us"; "0" needs no unit. At most 1,000,000 s. */
bool quantity_time_us(const char *text, uint64_t *time_us);

/* "5%", "0.1%", "100%", "0": parts per million. */
bool quantity_share_ppm(const char *text, uint32_t *share_ppm);

/* "10Mbit", "64kbit", "1Gbit", "9600bit": bits per second, above 0. */
bool quantity_rate_bps(const char *text, uint64_t *bits_per_s);

#endif
