package dev.understudy.kafka;

import org.apache.kafka.common.header.Header;

/**
 * Carries a decoded record and its result from the poll to the source's deserializer, in memory only. It lives exactly
 * as long as its record, so nothing has to be evicted when a partition is revoked.
 */
final class AheadHeader implements Header {
    static final String KEY = "__understudy.ahead";
    private static final byte[] NOTHING = new byte[0];

    final ScoringAhead<?, ?> owner;
    final Polled<?, ?> polled;

    AheadHeader(ScoringAhead<?, ?> owner, Polled<?, ?> polled) {
        this.owner = owner;
        this.polled = polled;
    }

    @Override
    public String key() {
        return KEY;
    }

    /** Nothing to write: the deserializer takes the header off before anything can be forwarded. */
    @Override
    public byte[] value() {
        return NOTHING;
    }
}
