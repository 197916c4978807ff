/* property_close_test.c - every order of closing, half-close, reading given up: 2,000 runs. */
#include "tests/sim/property_fixture.h"
#include "tests/test.h"

TEST(runs)
{
    CHECK_EQ(property_runs(PROPERTY_CLOSE, 1, 2000), 0);
}
