package dev.understudy.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.avro.GateResult;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.Verdict;
import dev.understudy.avro.VerdictReason;
import dev.understudy.kafka.avro.AvroJson;
import dev.understudy.readiness.Gate;
import dev.understudy.readiness.Ranking;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** The latest published decision on each pair and segment. One that has expired reads as HOLD. */
public final class Decisions {
    /** The segment that holds every request. */
    public static final String ALL = "all";

    private final Map<String, ReadinessSummary> latest = new TreeMap<>();

    /**
     * Takes a record of rollout-readiness in: a later one of the same pair and segment replaces it, one without a value
     * removes it.
     *
     * @return whether the verdict, or a reason for it, is another one than before
     */
    public boolean take(ConsumerRecord<String, ReadinessSummary> record) {
        ReadinessSummary now = record.value();
        return now == null ? latest.remove(record.key()) != null : take(record.key(), now);
    }

    /** Whether a later decision of the record's pair and segment is known: the topic is being read again. */
    boolean isOutdated(ConsumerRecord<String, ReadinessSummary> record) {
        ReadinessSummary known = latest.get(record.key());
        return known != null
                && record.value() != null
                && record.value().getEvaluatedAt().isBefore(known.getEvaluatedAt());
    }

    /** Takes in a summary that was not read from the topic. */
    public void take(ReadinessSummary summary) {
        take(
                String.join(
                        "/",
                        summary.getModel(),
                        summary.getProductionVersion(),
                        summary.getCandidateVersion(),
                        summary.getSegment()),
                summary);
    }

    private boolean take(String key, ReadinessSummary now) {
        ReadinessSummary before = latest.put(key, now);
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

    /** Leaves only the summaries that are asked for. */
    public Decisions only(Predicate<ReadinessSummary> asked) {
        Decisions report = new Decisions();
        latest.forEach((key, summary) -> {
            if (asked.test(summary)) {
                report.latest.put(key, summary);
            }
        });
        return report;
    }

    /** Whether there is no decision. */
    public boolean isEmpty() {
        return latest.isEmpty();
    }

    /** What there are decisions on, e.g. {@code v2 (against v1), v3 (against v1)}. */
    public String pairs() {
        return latest.values().stream()
                .map(summary -> summary.getCandidateVersion() + " (against " + summary.getProductionVersion() + ")")
                .distinct()
                .collect(Collectors.joining(", "));
    }

    /** All of them, by pair and segment. */
    public Collection<ReadinessSummary> summaries() {
        return latest.values();
    }

    /** Summaries over all requests, best candidate first within its model and production version. */
    public List<ReadinessSummary> ranked(Instant now) {
        Map<String, Map<String, ReadinessSummary>> byProduction = new TreeMap<>();
        for (ReadinessSummary summary : latest.values()) {
            if (ALL.equals(summary.getSegment())) {
                byProduction
                        .computeIfAbsent(
                                summary.getModel() + "/" + summary.getProductionVersion(), key -> new HashMap<>())
                        .put(summary.getCandidateVersion(), summary);
            }
        }
        List<ReadinessSummary> ranked = new ArrayList<>();
        byProduction
                .values()
                .forEach(candidates -> Ranking.order(candidates.values().stream()
                                .map(summary -> rankedBy(summary, now))
                                .toList())
                        .forEach(candidate -> ranked.add(candidates.get(candidate.candidate()))));
        return ranked;
    }

    private static Ranking.Ranked rankedBy(ReadinessSummary summary, Instant now) {
        return new Ranking.Ranked(
                summary.getCandidateVersion(),
                dev.understudy.readiness.Verdict.valueOf(verdict(summary, now)),
                bound(summary, Gate.ACCURACY),
                bound(summary, Gate.BRIER),
                bound(summary, Gate.TYPICAL_LATENCY));
    }

    private static @Nullable Double bound(ReadinessSummary summary, Gate gate) {
        return summary.getGates().stream()
                .filter(result -> result.getName().equals(gate.key()))
                .findFirst()
                .flatMap(GateResult::getBound)
                .orElse(null);
    }

    /** Places by production version, from 1; the summaries in the order of {@link #ranked}. */
    public Map<ReadinessSummary, Integer> ranks(Instant now) {
        Map<ReadinessSummary, Integer> ranks = new HashMap<>();
        Map<String, Integer> last = new HashMap<>();
        for (ReadinessSummary summary : ranked(now)) {
            ranks.put(summary, last.merge(summary.getModel() + "/" + summary.getProductionVersion(), 1, Integer::sum));
        }
        return ranks;
    }

    /** All summaries as a JSON array; those over all requests with their rank among the candidates. */
    public ArrayNode jsonArray(Instant now) {
        Map<ReadinessSummary, Integer> ranks = ranks(now);
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        latest.values().forEach(summary -> {
            ObjectNode json = json(summary, now);
            Integer rank = ranks.get(summary);
            if (rank != null) {
                json.put("rank", rank);
            }
            array.add(json);
        });
        return array;
    }

    /** The summary as JSON, with the verdict that counts at that time. */
    public static ObjectNode json(ReadinessSummary summary, Instant now) {
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

    /** The verdict that counts at that time. */
    public static String verdict(ReadinessSummary summary, Instant now) {
        return expired(summary, now)
                ? Verdict.HOLD.name()
                : summary.getVerdict().name();
    }

    /** Whether the summary is too old to act on. */
    public static boolean expired(ReadinessSummary summary, Instant now) {
        return now.isAfter(summary.getValidUntil());
    }

    /** Why an expired summary does not count, for people. */
    public static String expiry(ReadinessSummary summary) {
        return "the summary was valid until " + summary.getValidUntil() + "; is EVALUATE running?";
    }
}
