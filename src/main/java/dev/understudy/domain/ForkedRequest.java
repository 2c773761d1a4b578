package dev.understudy.domain;

import java.util.List;

/** A request that SCORE forked for its candidates, with what the served version answered. */
public record ForkedRequest(
        Origin origin, String model, VersionAnswer served, List<ForkTarget> targets, Request request) {
    public ForkedRequest {
        targets = List.copyOf(targets);
    }
}
