package dev.understudy.domain;

/** Where a request stands in {@code prediction-requests}: the identity of everything derived from it. */
public record Origin(int partition, long offset) {
    @Override
    public String toString() {
        return partition + "@" + offset;
    }
}
