package dev.understudy.faults;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.Prediction;
import dev.understudy.broker.CommittedRecords;
import dev.understudy.domain.FraudRequests;
import dev.understudy.domain.Origin;
import dev.understudy.evaluate.EvidenceAudit;
import dev.understudy.kafka.DeadLetters;
import dev.understudy.kafka.Topic;
import dev.understudy.kafka.Topics;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What became of every request, by the topics as they stand: a prediction or a dead letter of each, a comparison of each that
 * was due, and evidence of all of them once.
 *
 * @param requests that can be read
 * @param poison records among the requests that cannot
 * @param predictions records of predictions; as many as requests, and more by what was written again
 * @param due comparisons that the predictions say are due, each once
 * @param comparisons records of comparisons
 * @param deadLetters records of dead letters
 * @param losses what is missing, wrong or contradicts itself, for people
 * @param miscounted where the evidence differs from what the topics amount to
 */
record Audit(
        int requests,
        int poison,
        int predictions,
        int due,
        int comparisons,
        int deadLetters,
        List<String> losses,
        List<String> miscounted) {

    /** Of a comparison: its request and the candidate. */
    private record Compared(Origin origin, String candidate) {}

    static Audit of(String bootstrapServers, Topics topics, EvidenceAudit evidence) {
        Reading reading = new Reading(bootstrapServers, topics);
        reading.readRequests();
        reading.readPredictions();
        reading.readComparisons();
        reading.readDeadLetters();
        // Not worth its time while something is still on its way.
        List<String> miscounted = reading.losses.isEmpty() ? evidence.differences() : List.of("not looked at");
        return new Audit(
                reading.requests.size(),
                reading.poison.size(),
                reading.predictions,
                reading.due.size(),
                reading.comparisons,
                reading.deadLetters,
                reading.losses,
                miscounted);
    }

    boolean isWhole() {
        return losses.isEmpty() && miscounted.isEmpty();
    }

    /** Records that repeat another's origin: of predictions, comparisons and dead letters. */
    int writtenAgain() {
        return predictions - requests + comparisons - due + deadLetters - poison;
    }

    private static final class Reading {
        private final String bootstrapServers;
        private final Topics topics;
        private final Map<Origin, String> requests = new HashMap<>();
        private final Set<Origin> poison = new HashSet<>();
        private final Set<Compared> due = new HashSet<>();
        private final List<String> losses = new ArrayList<>();
        private final int rows = FraudRequests.read().size();
        private int predictions;
        private int comparisons;
        private int deadLetters;

        Reading(String bootstrapServers, Topics topics) {
            this.bootstrapServers = bootstrapServers;
            this.topics = topics;
        }

        private <V> V value(Topic<?, V> topic, ConsumerRecord<byte[], byte[]> record) {
            return Optional.ofNullable(topic.valueSerde()
                            .deserializer()
                            .deserialize(topic.name(), record.headers(), record.value()))
                    .orElseThrow();
        }

        private List<ConsumerRecord<byte[], byte[]>> records(Topic<?, ?> topic) {
            return CommittedRecords.of(bootstrapServers, topic.name());
        }

        void readRequests() {
            for (ConsumerRecord<byte[], byte[]> record : records(topics.predictionRequests())) {
                Origin origin = new Origin(record.partition(), record.offset());
                if (record.headers().lastHeader(Load.POISON) != null) {
                    poison.add(origin);
                } else {
                    requests.put(
                            origin, value(topics.predictionRequests(), record).requestId());
                }
            }
        }

        void readPredictions() {
            Map<Origin, Prediction> first = new HashMap<>();
            Map<Integer, Double> byRow = new HashMap<>();
            for (ConsumerRecord<byte[], byte[]> record : records(topics.predictions())) {
                Prediction prediction = value(topics.predictions(), record);
                predictions++;
                Origin origin = origin(prediction.getOrigin());
                if (!prediction.getRequestId().equals(requests.get(origin))
                        || record.partition() != origin.partition()) {
                    losses.add("prediction of " + prediction.getRequestId() + " with the origin of another: " + origin);
                }
                first.putIfAbsent(origin, prediction);
                double score = prediction.getScore().orElse(Double.NaN);
                String version = prediction.getModelVersion().orElse("nobody");
                double before = byRow.merge(row(prediction.getRequestId()), score, (earlier, now) -> earlier);
                if (before != score || !version.equals(FaultRun.PRODUCTION)) {
                    losses.add("request " + prediction.getRequestId() + " got " + score + " of " + version
                            + ", the same row " + before + " before");
                }
                prediction
                        .getShadowTargets()
                        .forEach(target -> due.add(new Compared(origin, target.getCandidateVersion())));
            }
            lose("request without a prediction", requests.keySet(), first.keySet());
        }

        void readComparisons() {
            Map<Compared, Comparison> first = new HashMap<>();
            for (ConsumerRecord<byte[], byte[]> record : records(topics.comparisons())) {
                Comparison comparison = value(topics.comparisons(), record);
                comparisons++;
                Origin origin = origin(comparison.getOrigin());
                Compared compared = new Compared(origin, comparison.getCandidateVersion());
                if (!comparison.getRequestId().equals(requests.get(origin)) || !due.contains(compared)) {
                    losses.add("comparison that nobody asked for: " + compared);
                }
                first.putIfAbsent(compared, comparison);
            }
            lose("shadow request without a comparison", due, first.keySet());
        }

        void readDeadLetters() {
            Set<Origin> dead = new HashSet<>();
            for (ConsumerRecord<byte[], byte[]> letter : records(topics.deadLetters())) {
                deadLetters++;
                Origin origin = new Origin(
                        Integer.parseInt(header(letter, DeadLetters.PARTITION)),
                        Long.parseLong(header(letter, DeadLetters.OFFSET)));
                if (!header(letter, DeadLetters.TOPIC)
                                .equals(topics.predictionRequests().name())
                        || !poison.contains(origin)) {
                    losses.add("dead letter of what can be read: " + header(letter, DeadLetters.TOPIC) + " " + origin
                            + ": " + header(letter, DeadLetters.MESSAGE));
                }
                dead.add(origin);
            }
            lose("poison without a dead letter", poison, dead);
        }

        private <T> void lose(String what, Set<T> expected, Set<T> found) {
            Set<T> missing = new HashSet<>(expected);
            missing.removeAll(found);
            if (!missing.isEmpty()) {
                losses.add(missing.size() + " of " + expected.size() + ": " + what + ", such as "
                        + missing.stream().limit(3).toList());
            }
        }

        /** The row of the shipped requests that a request repeats, which must be answered as all others of that row. */
        private int row(String requestId) {
            return Integer.parseInt(requestId.substring(1)) % rows;
        }

        private static Origin origin(dev.understudy.avro.Origin origin) {
            return new Origin(origin.getPartition(), origin.getOffset());
        }

        private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
            return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
        }
    }
}
