package dev.understudy.app;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class StartGroupTest {
    private final StartGroup group = new StartGroup();

    @Test
    void starts_go_on_beside_each_other() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        group.add("one", () -> meet(both));
        group.add("other", () -> meet(both));

        group.await();
    }

    @Test
    void first_failure_is_thrown_while_another_start_still_goes_on() {
        CountDownLatch never = new CountDownLatch(1);
        group.add("long", () -> meetAfter(never));
        group.add("failing", () -> {
            throw new IllegalArgumentException("no disk");
        });

        assertThatThrownBy(group::await)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no disk");
        never.countDown();
    }

    @Test
    void end_of_what_ran_before_is_the_groups_failure() {
        CountDownLatch never = new CountDownLatch(1);
        CompletableFuture<Void> ended = new CompletableFuture<>();
        group.add("long", () -> meetAfter(never));
        group.endWith(ended, () -> {
            throw new IllegalStateException("score died");
        });
        ended.complete(null);

        assertThatThrownBy(group::await)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("score died");
        never.countDown();
    }

    @Test
    void orderly_end_of_what_ran_before_ends_the_wait() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        CompletableFuture<Void> ended = new CompletableFuture<>();
        group.add("long", () -> meetAfter(never));
        group.endWith(ended, () -> {});
        ended.complete(null);

        group.await();
        never.countDown();
    }

    private static void meet(CountDownLatch both) {
        both.countDown();
        meetAfter(both);
    }

    private static void meetAfter(CountDownLatch latch) {
        try {
            if (!latch.await(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nobody came");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
