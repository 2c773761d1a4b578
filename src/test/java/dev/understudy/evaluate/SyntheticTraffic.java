package dev.understudy.evaluate;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.ComparisonStatus;
import dev.understudy.avro.LikeForLike;
import dev.understudy.avro.ModelResult;
import dev.understudy.avro.ModelTask;
import dev.understudy.avro.Origin;
import dev.understudy.avro.Outcome;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.PredictionStatus;
import dev.understudy.avro.RoutingDecision;
import dev.understudy.avro.RoutingReason;
import dev.understudy.avro.ShadowTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Predictions and comparisons as SCORE and SHADOW would write them, and outcomes as upstream would, from a seed: requests
 * in the order of their origins, a comparison of each with two candidates, some failures, and every now and then a stretch
 * that is repeated as after a crash under at-least-once. Outcomes are late, early, repeated, contradictory or missing.
 */
final class SyntheticTraffic {
    static final String MODEL = "fraud";
    static final List<String> CANDIDATES = List.of("v2", "v3");

    private static final List<ComparisonStatus> FAILURES = List.of(
            ComparisonStatus.CANDIDATE_FAILED,
            ComparisonStatus.TIMED_OUT,
            ComparisonStatus.QUARANTINED,
            ComparisonStatus.SHED);

    private final Random random;
    private final int partitions;
    private final long startMillis;
    private final long stepMillis;
    private final long epoch;
    private final long firstOffset;

    /** A record with its place: what a producer needs. */
    record Placed<V>(int partition, long timestampMillis, String entityId, V value) {}

    /** What one pipeline and its upstream wrote, each list in the order of writing. */
    record Log(
            List<Placed<Prediction>> predictions,
            List<Placed<Comparison>> comparisons,
            List<Placed<Outcome>> outcomes) {
        /** The part that was written first: all about the first requests of each partition. */
        Log first(double share) {
            return new Log(
                    predictions.subList(0, (int) (share * predictions.size())),
                    comparisons.subList(0, (int) (share * comparisons.size())),
                    outcomes.subList(0, (int) (share * outcomes.size())));
        }

        /** What comes after {@link #first}. */
        Log rest(double share) {
            return new Log(
                    predictions.subList((int) (share * predictions.size()), predictions.size()),
                    comparisons.subList((int) (share * comparisons.size()), comparisons.size()),
                    outcomes.subList((int) (share * outcomes.size()), outcomes.size()));
        }

        int size() {
            return predictions.size() + comparisons.size() + outcomes.size();
        }
    }

    /** @param stepMillis event time between two requests of one partition */
    SyntheticTraffic(long seed, int partitions, long startMillis, long stepMillis, long epoch) {
        this(seed, partitions, startMillis, stepMillis, epoch, 0);
    }

    /** @param firstOffset of the requests: what comes after a log of earlier ones */
    SyntheticTraffic(long seed, int partitions, long startMillis, long stepMillis, long epoch, long firstOffset) {
        this.firstOffset = firstOffset;
        this.random = new Random(seed);
        this.partitions = partitions;
        this.startMillis = startMillis;
        this.stepMillis = stepMillis;
        this.epoch = epoch;
    }

    /** The log, with repetitions; each partition in the order in which it was written, the partitions in turn. */
    Log log(int requestsPerPartition) {
        List<Log> written = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            written.add(partitionLog(partition, requestsPerPartition));
        }
        return new Log(
                inTurn(written.stream().map(Log::predictions).toList()),
                inTurn(written.stream().map(Log::comparisons).toList()),
                inTurn(written.stream().map(Log::outcomes).toList()));
    }

    private static <V> List<Placed<V>> inTurn(List<List<Placed<V>>> written) {
        List<Placed<V>> log = new ArrayList<>();
        for (int i = 0; written.stream().mapToInt(List::size).max().orElse(0) > i; i++) {
            for (List<Placed<V>> partition : written) {
                if (i < partition.size()) {
                    log.add(partition.get(i));
                }
            }
        }
        return log;
    }

    private Log partitionLog(int partition, int requests) {
        List<Placed<Prediction>> predictions = new ArrayList<>();
        List<Placed<Comparison>> comparisons = new ArrayList<>();
        List<Placed<Outcome>> outcomes = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            long offset = firstOffset + 3L * i + random.nextInt(3);
            long time = startMillis + i * stepMillis - random.nextInt((int) Math.max(1, stepMillis * 20));
            request(new Origin(partition, offset), time, predictions, comparisons, outcomes);
            if (random.nextInt(300) == 0) {
                repeatLast(comparisons, 2 + random.nextInt(80));
            }
            if (random.nextInt(300) == 0) {
                repeatLast(predictions, 1 + random.nextInt(40));
            }
        }
        return new Log(predictions, comparisons, outcomes);
    }

    private static <V> void repeatLast(List<V> written, int count) {
        written.addAll(List.copyOf(written.subList(Math.max(0, written.size() - count), written.size())));
    }

    private void request(
            Origin origin,
            long time,
            List<Placed<Prediction>> predictions,
            List<Placed<Comparison>> comparisons,
            List<Placed<Outcome>> outcomes) {
        int user = random.nextInt(2_000);
        String entity = "user-" + origin.getPartition() + "-" + user;
        String served = user % 20 == 0 ? "v2" : "v1";
        double production = random.nextDouble();
        Map<String, String> attributes =
                Map.of("region", random.nextInt(10) == 0 ? "mars" : random.nextBoolean() ? "eu" : "us");
        predictions.add(new Placed<>(
                origin.getPartition(), time, entity, prediction(origin, entity, served, epoch, CANDIDATES)));
        for (String candidate : CANDIDATES) {
            double score = Math.min(1, Math.max(0, production + 0.05 * random.nextGaussian()));
            ComparisonStatus status = random.nextInt(200) == 0
                    ? FAILURES.get(random.nextInt(FAILURES.size()))
                    : ComparisonStatus.COMPARED;
            comparisons.add(new Placed<>(
                    origin.getPartition(),
                    time,
                    entity,
                    comparison(origin, entity, "v1", candidate, epoch)
                            .setServedVersion(served)
                            .setAttributes(attributes)
                            .setStatus(status)
                            .setProduction(answer("v1", production))
                            .setCandidate(status == ComparisonStatus.COMPARED ? answer(candidate, score) : null)
                            .setLikeForLike(random.nextInt(10) == 0 ? batch() : null)
                            .build()));
        }
        addOutcomes(origin, entity, time, production, outcomes);
    }

    private void addOutcomes(
            Origin origin, String entity, long time, double production, List<Placed<Outcome>> outcomes) {
        if (random.nextInt(10) == 0) {
            return;
        }
        long delay = random.nextInt(20) == 0 ? -5_000 : random.nextInt(3_600_000);
        Outcome outcome = outcome(origin, entity, random.nextDouble() < production ? "1" : "0", time + delay);
        Placed<Outcome> placed = new Placed<>(origin.getPartition(), time, entity, outcome);
        outcomes.add(placed);
        if (random.nextInt(30) == 0) {
            outcomes.add(placed);
        }
        if (random.nextInt(30) == 0) {
            outcomes.add(
                    new Placed<>(origin.getPartition(), time, entity, outcome(origin, entity, "other", time + delay)));
        }
    }

    private LikeForLike batch() {
        return LikeForLike.newBuilder()
                .setRows(1 + random.nextInt(30))
                .setProductionNanos(20_000L + random.nextInt(50_000))
                .setCandidateNanos(20_000L + random.nextInt(60_000))
                .setProductionAgainNanos(20_000L + random.nextInt(50_000))
                .setCandidateFailed(random.nextInt(100) == 0)
                .build();
    }

    private ModelResult answer(String version, double score) {
        return ModelResult.newBuilder()
                .setModelVersion(version)
                .setScore(score)
                .setLabel(score >= 0.5 ? "1" : "0")
                .setBatchNanos(20_000L + random.nextInt(100_000))
                .setBatchRows(1 + random.nextInt(16))
                .build();
    }

    private static String requestId(Origin origin) {
        return "r-" + origin.getPartition() + "-" + origin.getOffset();
    }

    /** A prediction that asks for a comparison of v1 with each candidate. */
    static Prediction prediction(Origin origin, String entity, String served, long epoch, List<String> candidates) {
        return Prediction.newBuilder()
                .setRequestId(requestId(origin))
                .setEntityId(entity)
                .setOrigin(origin)
                .setModel(MODEL)
                .setModelVersion(served)
                .setStatus(PredictionStatus.SCORED)
                .setScore(0.25)
                .setLabel("0")
                .setDecision(new RoutingDecision("ml-model-version", served, RoutingReason.ROLLOUT))
                .setEpoch(epoch)
                .setScoredAt(0)
                .setShadowTargets(candidates.stream()
                        .map(candidate -> new ShadowTarget("v1", candidate, epoch))
                        .toList())
                .build();
    }

    /** What happened to the request of that origin. */
    static Outcome outcome(Origin origin, String entity, String label, long observedAtMillis) {
        return Outcome.newBuilder()
                .setRequestId(requestId(origin))
                .setEntityId(entity)
                .setLabel(label)
                .setObservedAt(observedAtMillis)
                .build();
    }

    /** A comparison to be completed: compared, both sides 0.25. */
    static Comparison.Builder comparison(
            Origin origin, String entity, String production, String candidate, long epoch) {
        return Comparison.newBuilder()
                .setRequestId(requestId(origin))
                .setEntityId(entity)
                .setOrigin(origin)
                .setModel(MODEL)
                .setProductionVersion(production)
                .setCandidateVersion(candidate)
                .setServedVersion(production)
                .setEpoch(epoch)
                .setAttributes(Map.of())
                .setTask(ModelTask.BINARY)
                .setClasses(List.of("0", "1"))
                .setStatus(ComparisonStatus.COMPARED)
                .setProduction(ModelResult.newBuilder()
                        .setModelVersion(production)
                        .setScore(0.25)
                        .setLabel("0")
                        .setBatchNanos(50_000)
                        .setBatchRows(1)
                        .build())
                .setCandidate(ModelResult.newBuilder()
                        .setModelVersion(candidate)
                        .setScore(0.25)
                        .setLabel("0")
                        .setBatchNanos(70_000)
                        .setBatchRows(1)
                        .build());
    }
}
