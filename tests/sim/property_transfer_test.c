/* property_transfer_test.c - data both ways, through all faults: 2,000 runs. */
#include "tests/sim/property_fixture.h"
#include "tests/test.h"

TEST(runs)
{
    CHECK_EQ(property_runs(PROPERTY_TRANSFER, 1, 2000), 0);
}
