/* property_fast_test.c - Fast Open under heavy loss, cookies good, bad and absent: 2,000 runs. */
#include "tests/sim/property_fixture.h"
#include "tests/test.h"

TEST(runs)
{
    CHECK_EQ(property_runs(PROPERTY_FAST, 1, 2000), 0);
}
