package dev.understudy.kafka;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** What letters look like in their topic, for tests that plant some. */
public final class DeadLetterRecords {
    private DeadLetterRecords() {}

    /** The headers of a letter whose record stood at offset 5 of partition 0. */
    public static List<Header> headers(String stage, String cause, String topic) {
        return List.of(
                header(DeadLetters.STAGE, stage),
                header(DeadLetters.CAUSE, cause),
                header(DeadLetters.EXCEPTION, "x.Broken"),
                header(DeadLetters.MESSAGE, "it is \u001b[31m\u009b31m\u202ebroken"),
                header(DeadLetters.TOPIC, topic),
                header(DeadLetters.PARTITION, "0"),
                header(DeadLetters.OFFSET, "5"));
    }

    /** A header with that text. */
    public static Header header(String name, String text) {
        return new RecordHeader(name, text.getBytes(StandardCharsets.UTF_8));
    }
}
