package dev.understudy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.avro.GateResult;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.Verdict;
import dev.understudy.avro.VerdictReason;
import dev.understudy.kafka.avro.AvroJson;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Published summaries as people and programs read them. A summary that has expired reads as HOLD. */
final class ReadinessReport {
    private static final String ALL = "all";
    private final Map<String, ReadinessSummary> latest = new TreeMap<>();

    /**
     * Takes a record of rollout-readiness in: a later one of the same pair and segment replaces it, one without a value
     * removes it.
     *
     * @return whether the verdict, or a reason for it, is another one than before
     */
    boolean take(ConsumerRecord<String, ReadinessSummary> record) {
        ReadinessSummary now = record.value();
        if (now == null) {
            return latest.remove(record.key()) != null;
        }
        ReadinessSummary before = latest.put(record.key(), now);
        return before == null || !decision(before).equals(decision(now));
    }

    private static List<String> decision(ReadinessSummary summary) {
        return Stream.concat(
                        Stream.of(
                                summary.getVerdict().name(),
                                Long.toString(summary.getStage().getEpoch())),
                        summary.getReasons().stream().map(VerdictReason::getCode))
                .toList();
    }

    /** All summaries as a JSON array. */
    ArrayNode jsonArray(Instant now) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        latest.values().forEach(summary -> array.add(json(summary, now)));
        return array;
    }

    boolean isEmpty() {
        return latest.isEmpty();
    }

    Collection<ReadinessSummary> summaries() {
        return latest.values();
    }

    /** The summary as JSON, with the verdict that counts at that time. */
    static ObjectNode json(ReadinessSummary summary, Instant now) {
        ObjectNode json = AvroJson.of(summary);
        if (expired(summary, now)) {
            json.put("verdict", Verdict.HOLD.name());
            json.withArrayProperty("reasons")
                    .insertObject(0)
                    .put("code", "EXPIRED")
                    .put("message", expiry(summary));
        }
        return json;
    }

    /** A table of the pairs, then each pair's reasons. Segments other than all are listed where they exist. */
    String table(Instant now) {
        Table table =
                new Table("candidate", "production", "segment", "verdict", "stage", "compared", "failed", "gates");
        StringBuilder reasons = new StringBuilder();
        for (ReadinessSummary summary : latest.values()) {
            table.row(
                    summary.getModel() + " " + summary.getCandidateVersion(),
                    summary.getProductionVersion(),
                    summary.getSegment(),
                    verdict(summary, now),
                    summary.getStage().getPercent() + " %",
                    count(summary.getLedger().getCompared()),
                    count(summary.getLedger().getFailed() + summary.getLedger().getTimedOut()),
                    gates(summary.getGates()));
            if (ALL.equals(summary.getSegment())) {
                reasons.append(explanation(summary, now));
            }
        }
        return table + System.lineSeparator() + reasons;
    }

    static String verdict(ReadinessSummary summary, Instant now) {
        return expired(summary, now)
                ? Verdict.HOLD.name()
                : summary.getVerdict().name();
    }

    static String explanation(ReadinessSummary summary, Instant now) {
        StringBuilder text = new StringBuilder(summary.getModel() + " " + summary.getCandidateVersion()
                + (ALL.equals(summary.getSegment()) ? "" : ", " + summary.getSegment()) + ": "
                + verdict(summary, now) + System.lineSeparator());
        if (expired(summary, now)) {
            text.append("  EXPIRED: ").append(expiry(summary)).append(System.lineSeparator());
        }
        for (VerdictReason reason : summary.getReasons()) {
            text.append("  ")
                    .append(reason.getCode())
                    .append(": ")
                    .append(reason.getMessage())
                    .append(System.lineSeparator());
        }
        return text.toString();
    }

    private static boolean expired(ReadinessSummary summary, Instant now) {
        return now.isAfter(summary.getValidUntil());
    }

    private static String expiry(ReadinessSummary summary) {
        return "the summary was valid until " + summary.getValidUntil() + "; is EVALUATE running?";
    }

    private static String gates(List<GateResult> gates) {
        return gates.stream()
                .map(gate -> gate.getName() + " " + gate.getStatus())
                .collect(Collectors.joining(", "));
    }

    private static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
