package dev.understudy.domain;

import java.util.Map;

/** Requests as tests need them. */
public final class Requests {
    private Requests() {}

    /** A request with the one feature {@code amount}. */
    public static Request of(String id, String entity, double amount) {
        return new Request(
                id,
                entity,
                Map.of("region", "eu"),
                1_000,
                new FeatureMap(Map.of("amount", new FeatureValue.Real(amount))));
    }
}
