package dev.understudy.doctor;

import dev.understudy.app.Understudy;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.domain.DurationText;
import dev.understudy.kafka.TopicReader;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Whether the clocks of others are ahead of this machine's. Kafka cannot be asked for its time, so this goes by the times that
 * others wrote: one that lies in the future is certain, one in the past may only be old.
 */
record ClocksCheck(Understudy understudy, RecentRequests recent, Clock clock) implements Check {
    private static final Duration TOLERANCE = Duration.ofSeconds(2);

    @Override
    public String name() {
        return "clocks";
    }

    @Override
    public List<Finding> look() {
        List<Finding> findings = new ArrayList<>();
        recent.sample().requests().stream()
                .map(record -> Instant.ofEpochMilli(record.timestamp()))
                .max(Comparator.naturalOrder())
                .ifPresent(newest -> ahead("the newest request", newest, "what writes requests")
                        .ifPresent(findings::add));
        try (TopicReader<String, ReadinessSummary> reader =
                understudy.reader(understudy.topics().rolloutReadiness()).latest(100)) {
            reader.readToEnd().stream()
                    .map(ConsumerRecord::value)
                    .filter(summary -> summary != null)
                    .map(ReadinessSummary::getEvaluatedAt)
                    .max(Comparator.naturalOrder())
                    .ifPresent(newest -> ahead("the newest decision", newest, "the machine of EVALUATE")
                            .ifPresent(findings::add));
        }
        return findings.isEmpty()
                ? List.of(ok("no request and no decision is from the future of this machine's clock; one that is behind"
                        + " cannot be told from silence"))
                : findings;
    }

    private Optional<Finding> ahead(String what, Instant time, String whose) {
        Duration ahead = Duration.between(clock.instant(), time);
        return ahead.compareTo(TOLERANCE) <= 0
                ? Optional.empty()
                : Optional.of(warning(what + " is from " + DurationText.format(ahead)
                        + " in the future: the clock of " + whose
                        + " or of this machine is wrong; decisions expire by the"
                        + " clock of who reads them, so let all follow the same time server"));
    }
}
