package dev.understudy.evaluate;

import dev.understudy.avro.ReadinessSummary;
import dev.understudy.broker.CommittedRecords;
import dev.understudy.evaluate.Verified.Result;
import dev.understudy.kafka.Topic;
import dev.understudy.kafka.Topics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Decisions that a pipeline published, computed again from its topics.
 *
 * @param looked how many decisions were looked at
 * @param notKnown for people: those of which an input is gone or not known, as of one that was made in the middle of what a
 *     partition tells
 * @param different for people: those that came out otherwise
 */
public record DecisionAudit(int looked, List<String> notKnown, List<String> different) {
    private static final int PUBLICATIONS = 12;

    /** Nothing was looked at. */
    public static final DecisionAudit NONE = new DecisionAudit(0, List.of(), List.of());

    /** Of the last publication and of others before it, as far apart as they come: the topic has not been compacted yet. */
    public static DecisionAudit of(String bootstrapServers, Topics topics, SummaryVerifier verifier) {
        Topic<String, ReadinessSummary> topic = topics.rolloutReadiness();
        NavigableMap<Instant, List<PublishedSummary>> published = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> record : CommittedRecords.of(bootstrapServers, topic.name())) {
            if (record.value() != null) {
                ReadinessSummary summary =
                        topic.valueSerde().deserializer().deserialize(topic.name(), record.headers(), record.value());
                published
                        .computeIfAbsent(summary.getEvaluatedAt(), time -> new ArrayList<>())
                        .add(PublishedSummary.of(summary, record.value()));
            }
        }
        List<List<PublishedSummary>> all = List.copyOf(published.values());
        List<PublishedSummary> chosen = new ArrayList<>();
        int publications = Math.min(PUBLICATIONS, all.size());
        for (int n = 1; n <= publications; n++) {
            chosen.addAll(all.get(all.size() * n / publications - 1));
        }
        List<String> notKnown = new ArrayList<>();
        List<String> different = new ArrayList<>();
        for (Verified one : verifier.verify(chosen)) {
            boolean isExpected = one.gone().stream().allMatch(DecisionAudit::isOfTheMoment);
            if (one.result() == Result.INPUT_GONE && isExpected) {
                notKnown.add(one.summary().getEvaluatedAt() + ": " + one.gone());
            } else if (!one.isReproduced()) {
                different.add("decision on " + one.summary().getSegment() + " of "
                        + one.summary().getEvaluatedAt() + " is " + one.result() + ": " + one.gone()
                        + one.differences());
            }
        }
        return new DecisionAudit(chosen.size(), notKnown, different);
    }

    /** It was made in the middle of what a partition tells, or while the model's file was another one. */
    private static boolean isOfTheMoment(String gone) {
        return gone.startsWith("offsets: ") || gone.startsWith("model ");
    }

    /** Some came out the same, unless all are about a model's file that was replaced meanwhile. */
    public boolean isReproducible() {
        return reproduced() > 0 || (looked > 0 && notKnown.stream().allMatch(gone -> gone.contains("[model ")));
    }

    public int reproduced() {
        return looked - notKnown.size() - different.size();
    }
}
