package dev.understudy.doctor;

import dev.understudy.app.Understudy;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.domain.DurationText;
import dev.understudy.kafka.ClusterAdmin;
import dev.understudy.kafka.ClusterAdmin.ClockOffset;
import dev.understudy.kafka.TopicReader;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Whether the clocks of others go with this machine's: that of the leading controller, and those by which records were stamped.
 * A stamp that lies in the future is certain, one in the past may only be old.
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
        try (ClusterAdmin admin = understudy.cluster()) {
            admin.controllerClock(clock).ifPresent(offset -> findings.add(controller(offset)));
        }
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
                ? List.of(ok(
                        "no request and no decision is from the future of this machine's clock; the controller's cannot"
                                + " be asked for"))
                : findings;
    }

    private Finding controller(ClockOffset offset) {
        boolean isAhead = offset.least().compareTo(TOLERANCE) > 0;
        boolean isBehind = offset.most().compareTo(TOLERANCE.negated()) < 0;
        if (!isAhead && !isBehind) {
            return ok("the controller's clock and this machine's differ by " + DurationText.format(TOLERANCE)
                    + " at most");
        }
        Duration by = isAhead ? offset.least() : offset.most().negated();
        return warning("the controller's clock is " + DurationText.format(by.truncatedTo(ChronoUnit.MILLIS))
                + (isAhead ? " ahead of" : " behind") + " this machine's; let both follow the same time server");
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
