/* property_tiny_test.c - pools and buffers of a few chunks, slow readers: 2,000 runs. */
#include "tests/sim/property_fixture.h"
#include "tests/test.h"

TEST(runs)
{
    CHECK_EQ(property_runs(PROPERTY_TINY, 1, 2000), 0);
}
