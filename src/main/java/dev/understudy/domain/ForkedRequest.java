package dev.understudy.domain;

import java.util.List;

/**
 * A request that SCORE forked for its candidates, with what the served version answered.
 *
 * @param forkedAtMillis milliseconds since the epoch; 0 when not known
 */
public record ForkedRequest(
        Origin origin,
        String model,
        VersionAnswer served,
        List<ForkTarget> targets,
        long forkedAtMillis,
        Request request) {
    public ForkedRequest {
        targets = List.copyOf(targets);
    }
}
