/* property_open_test.c - passive and simultaneous opens under heavy loss: 2,000 runs. */
#include "tests/sim/property_fixture.h"
#include "tests/test.h"

TEST(runs)
{
    CHECK_EQ(property_runs(PROPERTY_OPEN, 1, 2000), 0);
}
