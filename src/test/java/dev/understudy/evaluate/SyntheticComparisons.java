package dev.understudy.evaluate;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.ComparisonStatus;
import dev.understudy.avro.ModelResult;
import dev.understudy.avro.ModelTask;
import dev.understudy.avro.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Comparisons as SHADOW would write them, from a seed: requests in the order of their origins, a comparison of each with
 * two candidates, some failures, and every now and then a stretch that is repeated as after a crash under at-least-once.
 */
final class SyntheticComparisons {
    static final String MODEL = "fraud";

    private static final List<ComparisonStatus> FAILURES = List.of(
            ComparisonStatus.CANDIDATE_FAILED,
            ComparisonStatus.TIMED_OUT,
            ComparisonStatus.QUARANTINED,
            ComparisonStatus.SHED);

    /** A comparison with its place: what a producer needs. */
    record Placed(int partition, long timestampMillis, Comparison comparison) {}

    private final Random random;
    private final int partitions;
    private final long startMillis;
    private final long stepMillis;
    private final long epoch;

    /** @param stepMillis event time between two requests of one partition */
    SyntheticComparisons(long seed, int partitions, long startMillis, long stepMillis, long epoch) {
        this.random = new Random(seed);
        this.partitions = partitions;
        this.startMillis = startMillis;
        this.stepMillis = stepMillis;
        this.epoch = epoch;
    }

    /** The log, with repetitions; each partition in the order in which it was written, the partitions in turn. */
    List<Placed> log(int requestsPerPartition) {
        List<List<Placed>> written = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            written.add(partitionLog(partition, requestsPerPartition));
        }
        List<Placed> log = new ArrayList<>();
        for (int i = 0; written.stream().mapToInt(List::size).max().orElse(0) > i; i++) {
            for (List<Placed> partition : written) {
                if (i < partition.size()) {
                    log.add(partition.get(i));
                }
            }
        }
        return log;
    }

    private List<Placed> partitionLog(int partition, int requests) {
        List<Placed> written = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            long offset = 3L * i + random.nextInt(3);
            long time = startMillis + i * stepMillis - random.nextInt((int) Math.max(1, stepMillis * 20));
            written.addAll(request(partition, offset, time));
            if (random.nextInt(300) == 0) {
                int from = Math.max(0, written.size() - 2 - random.nextInt(80));
                written.addAll(List.copyOf(written.subList(from, written.size())));
            }
        }
        return written;
    }

    private List<Placed> request(int partition, long offset, long time) {
        String entity = "user-" + partition + "-" + random.nextInt(2_000);
        double production = random.nextDouble();
        Map<String, String> attributes =
                Map.of("region", random.nextInt(10) == 0 ? "mars" : random.nextBoolean() ? "eu" : "us");
        List<Placed> placed = new ArrayList<>();
        for (String candidate : List.of("v2", "v3")) {
            double score = Math.min(1, Math.max(0, production + 0.05 * random.nextGaussian()));
            ComparisonStatus status = random.nextInt(200) == 0
                    ? FAILURES.get(random.nextInt(FAILURES.size()))
                    : ComparisonStatus.COMPARED;
            placed.add(new Placed(
                    partition,
                    time,
                    comparison(new Origin(partition, offset), entity, "v1", candidate, epoch)
                            .setAttributes(attributes)
                            .setStatus(status)
                            .setProduction(answer("v1", production))
                            .setCandidate(status == ComparisonStatus.COMPARED ? answer(candidate, score) : null)
                            .build()));
        }
        return placed;
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

    /** A comparison to be completed: compared, both sides 0.25. */
    static Comparison.Builder comparison(
            Origin origin, String entity, String production, String candidate, long epoch) {
        return Comparison.newBuilder()
                .setRequestId("r-" + origin.getPartition() + "-" + origin.getOffset())
                .setEntityId(entity)
                .setOrigin(origin)
                .setModel(MODEL)
                .setProductionVersion(production)
                .setCandidateVersion(candidate)
                .setServedVersion(production)
                .setEpoch(epoch)
                .setAttributes(Map.of())
                .setTask(ModelTask.BINARY)
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
