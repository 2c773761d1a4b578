package dev.understudy.faults;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.ComparisonStatus;
import dev.understudy.avro.ModelResult;
import dev.understudy.avro.Prediction;
import dev.understudy.broker.CommittedRecords;
import dev.understudy.domain.FraudRequests;
import dev.understudy.domain.Origin;
import dev.understudy.evaluate.DecisionAudit;
import dev.understudy.evaluate.EvidenceAudit;
import dev.understudy.evaluate.SummaryVerifier;
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
 * @param compared of these that have both answers; SHADOW protects itself from a candidate under which it was killed
 * @param deadLetters records of dead letters
 * @param losses what is missing, wrong or contradicts itself, for people
 * @param miscounted where the evidence differs from what the topics amount to
 * @param decisions what was published, computed again
 */
record Audit(
        int requests,
        int poison,
        int predictions,
        int due,
        int comparisons,
        int compared,
        int deadLetters,
        List<String> losses,
        List<String> miscounted,
        DecisionAudit decisions) {

    /** Of a comparison: its request and the candidate. */
    private record Compared(Origin origin, String candidate) {}

    /** @param acknowledged places of all that was sent to the topic of requests */
    static Audit of(
            String bootstrapServers,
            Topics topics,
            Set<Origin> acknowledged,
            EvidenceAudit evidence,
            SummaryVerifier verifier) {
        Reading reading = new Reading(bootstrapServers, topics);
        reading.readRequests(acknowledged);
        reading.readPredictions();
        reading.readComparisons();
        reading.readDeadLetters();
        // Not worth its time while something is still on its way.
        List<String> miscounted = reading.losses.isEmpty() ? evidence.differences() : List.of("not looked at");
        DecisionAudit decisions = reading.losses.isEmpty() && miscounted.isEmpty()
                ? DecisionAudit.of(bootstrapServers, topics, verifier)
                : DecisionAudit.NONE;
        return new Audit(
                reading.requests.size(),
                reading.poison.size(),
                reading.predictions,
                reading.due.size(),
                reading.comparisons,
                reading.compared,
                reading.deadLetters,
                reading.losses,
                miscounted,
                decisions);
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
        private final Map<Origin, Prediction> predicted = new HashMap<>();
        private final List<String> losses = new ArrayList<>();
        private final int rows = FraudRequests.read().size();
        private int predictions;
        private int comparisons;
        private int compared;
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

        void readRequests(Set<Origin> acknowledged) {
            for (ConsumerRecord<byte[], byte[]> record : records(topics.predictionRequests())) {
                Origin origin = new Origin(record.partition(), record.offset());
                if (record.headers().lastHeader(Load.POISON) != null) {
                    poison.add(origin);
                } else {
                    requests.put(
                            origin, value(topics.predictionRequests(), record).requestId());
                }
            }
            Set<Origin> there = new HashSet<>(requests.keySet());
            there.addAll(poison);
            lose("acknowledged record that the topic does not have", acknowledged, there);
        }

        void readPredictions() {
            Map<Integer, Double> byRow = new HashMap<>();
            for (ConsumerRecord<byte[], byte[]> record : records(topics.predictions())) {
                Prediction prediction = value(topics.predictions(), record);
                predictions++;
                Origin origin = origin(prediction.getOrigin());
                if (!prediction.getRequestId().equals(requests.get(origin))
                        || record.partition() != origin.partition()) {
                    losses.add("prediction of " + prediction.getRequestId() + " with the origin of another: " + origin);
                }
                predicted.putIfAbsent(origin, prediction);
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
            lose("request without a prediction", requests.keySet(), predicted.keySet());
            Set<Compared> wanted = new HashSet<>();
            requests.keySet().forEach(origin -> wanted.add(new Compared(origin, FaultRun.CANDIDATE)));
            lose("request whose comparison was not asked for", wanted, due);
        }

        void readComparisons() {
            Set<Compared> seen = new HashSet<>();
            Map<Integer, Double> byRow = new HashMap<>();
            for (ConsumerRecord<byte[], byte[]> record : records(topics.comparisons())) {
                Comparison comparison = value(topics.comparisons(), record);
                comparisons++;
                Origin origin = origin(comparison.getOrigin());
                Compared compared = new Compared(origin, comparison.getCandidateVersion());
                if (!comparison.getRequestId().equals(requests.get(origin)) || !due.contains(compared)) {
                    losses.add("comparison that nobody asked for: " + compared);
                }
                seen.add(compared);
                if (comparison.getStatus() == ComparisonStatus.COMPARED) {
                    this.compared++;
                    look(comparison, origin, byRow);
                }
            }
            lose("shadow request without a comparison", due, seen);
        }

        /** Production's answer is that of the prediction, the candidate's the same for the same row. */
        private void look(Comparison comparison, Origin origin, Map<Integer, Double> byRow) {
            Prediction prediction = predicted.get(origin);
            double production = comparison.getProduction().getScore().orElse(Double.NaN);
            double candidate =
                    comparison.getCandidate().flatMap(ModelResult::getScore).orElse(Double.NaN);
            double before = byRow.merge(row(comparison.getRequestId()), candidate, (earlier, now) -> earlier);
            if (prediction == null || prediction.getScore().orElse(Double.NaN) != production || before != candidate) {
                losses.add("comparison of " + comparison.getRequestId() + " has " + production + " and " + candidate
                        + ", the same row " + before + " before");
            }
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
