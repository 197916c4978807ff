/* state_test.c - every state is reached in each of its ways. */
#include "tests/unit/tcp_fixture.h"

TEST(state_reached_in_every_way)
{
    for (tern_state state = TERN_CLOSED; state < TERN_STATES; state++) {
        for (unsigned ways = 0; ways < 64; ways++) {
            fixture *x = fixture_begin(NULL);
            x_bring(x, state, ways);
            fixture_end(x);
        }
    }
}
