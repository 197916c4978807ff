/* property_end_test.c - aborts, crashes and cut wires at any moment: 2,000 runs. */
#include "tests/sim/property_fixture.h"
#include "tests/test.h"

TEST(runs)
{
    CHECK_EQ(property_runs(PROPERTY_END, 1, 2000), 0);
}
