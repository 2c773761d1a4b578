package dev.understudy.evidence;

import dev.understudy.domain.References;
import dev.understudy.domain.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What an observation and a merge cost, and how large the state is. Goal: one pair takes at most 1 µs for all metrics that
 * need no outcome ({@code pairs}).
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class EvidenceBenchmark {
    /** A power of two. As many as do not fit the processor's first caches, so that reading them costs what it does in use. */
    private static final int OBSERVATIONS = 1 << 14;

    private static final int MASK = OBSERVATIONS - 1;
    private static final List<String> TWO = List.of("0", "1");
    private static final List<String> FOUR = List.of("a", "b", "c", "d");
    private static final EvidenceShape SHAPE = EvidenceShape.standard()
            .withReferences(References.none()
                    .withTailNanos(3_000_000)
                    .withDeciles(List.of(10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0))
                    .withBounds(OptionalDouble.of(100), OptionalDouble.of(1_000)));

    private final List<PairObservation> binary = new ArrayList<>();
    private final List<PairObservation> regression = new ArrayList<>();
    private final List<PairObservation> multiclass = new ArrayList<>();
    private final List<BatchObservation> batches = new ArrayList<>();
    private final List<OutcomeObservation> outcomes = new ArrayList<>();
    private final List<ExposureObservation> exposures = new ArrayList<>();

    private final PairEvidence pairs = PairEvidence.create(Detail.FULL, SHAPE);
    private final PairEvidence window = PairEvidence.create(Detail.FULL, SHAPE);
    private final PairEvidence segment = PairEvidence.create(Detail.GATES, SHAPE);
    private final PairEvidence values = PairEvidence.create(Detail.FULL, SHAPE);
    private final PairEvidence classes = PairEvidence.create(Detail.FULL, SHAPE);
    private final BatchEvidence batch = BatchEvidence.create(SHAPE);
    private final OutcomeEvidence outcome = OutcomeEvidence.create(Detail.FULL, SHAPE);
    private final ExposureEvidence exposure = ExposureEvidence.create();
    private final PairEvidence morePairs = PairEvidence.create(Detail.FULL, SHAPE);
    private final BatchEvidence moreBatches = BatchEvidence.create(SHAPE);
    private final OutcomeEvidence moreOutcomes = OutcomeEvidence.create(Detail.FULL, SHAPE);
    private final ExposureEvidence moreExposure = ExposureEvidence.create();
    private int next;

    @Setup(Level.Trial)
    public void fill() {
        Random random = new Random(1);
        for (int i = 0; i < OBSERVATIONS; i++) {
            long entity = EntityHash.of("user-" + random.nextInt(5_000));
            double p = random.nextDouble();
            double c = Math.min(1, Math.max(0, p + 0.05 * random.nextGaussian()));
            Answer production = new Answer(false, p, p < 0.5 ? "0" : "1", Map.of(), nanos(random));
            Answer candidate = new Answer(false, c, c < 0.5 ? "0" : "1", Map.of(), nanos(random));
            binary.add(pair(entity, i, Task.BINARY, TWO, production, candidate));
            regression.add(pair(
                    entity,
                    i,
                    Task.REGRESSION,
                    List.of(),
                    new Answer(false, 100 * p, null, Map.of(), nanos(random)),
                    new Answer(false, 100 * c, null, Map.of(), nanos(random))));
            multiclass.add(pair(entity, i, Task.MULTICLASS, FOUR, distribution(random), distribution(random)));
            batches.add(
                    new BatchObservation(1_000L * i, 16, nanos(random), nanos(random), nanos(random), false, false));
            Truth truth = new Truth(random.nextDouble() < p ? "1" : "0", null, 100 * random.nextDouble());
            outcomes.add(new OutcomeObservation(
                    entity, Task.BINARY, TWO, served(entity), true, production, candidate, truth));
            exposures.add(new ExposureObservation(entity, i, served(entity), true));
        }
        for (int i = 0; i < 20 * OBSERVATIONS; i++) {
            int at = i & MASK;
            pairs.add(binary.get(at));
            window.add(binary.get(at));
            morePairs.add(binary.get(at));
            segment.add(binary.get(at));
            values.add(regression.get(at));
            classes.add(multiclass.get(at));
            batch.add(batches.get(at));
            moreBatches.add(batches.get(at));
            outcome.add(outcomes.get(at));
            moreOutcomes.add(outcomes.get(at));
            exposure.add(exposures.get(at));
            moreExposure.add(exposures.get(at));
        }
    }

    @TearDown(Level.Trial)
    public void printSizes() {
        System.out.printf(
                "%nbytes: pairs binary %d, regression %d, four classes %d, gates %d, batches %d, outcomes %d, exposure %d%n",
                pairs.bytes().length,
                values.bytes().length,
                classes.bytes().length,
                segment.bytes().length,
                batch.bytes().length,
                outcome.bytes().length,
                exposure.bytes().length);
    }

    private static PairObservation pair(
            long entity, int i, Task task, List<String> classes, Answer production, Answer candidate) {
        return new PairObservation(
                entity, 100L * i, task, classes, CandidateStatus.COMPARED, true, production, candidate);
    }

    private static long nanos(Random random) {
        return (long) Math.exp(14 + 0.5 * random.nextGaussian());
    }

    private static Answer distribution(Random random) {
        double first = random.nextDouble();
        double rest = (1 - first) / 3;
        Map<String, Double> probabilities = Map.of("a", first, "b", rest, "c", rest, "d", rest);
        return new Answer(false, null, first > 0.25 ? "a" : "b", probabilities, nanos(random));
    }

    private static Arm served(long entity) {
        return (entity & 3) == 0 ? Arm.CANDIDATE : Arm.PRODUCTION;
    }

    private int next() {
        next = next + 1 & MASK;
        return next;
    }

    /** One pair of two probabilities. */
    @Benchmark
    public void pairs() {
        pairs.add(binary.get(next()));
    }

    /** The same pair in all evidence, a window and a segment. */
    @Benchmark
    public void pairsEverywhere() {
        PairObservation seen = binary.get(next());
        pairs.add(seen);
        window.add(seen);
        segment.add(seen);
    }

    @Benchmark
    public void pairsOfRegression() {
        values.add(regression.get(next()));
    }

    @Benchmark
    public void pairsOfFourClasses() {
        classes.add(multiclass.get(next()));
    }

    @Benchmark
    public void batch() {
        batch.add(batches.get(next()));
    }

    @Benchmark
    public void outcome() {
        outcome.add(outcomes.get(next()));
    }

    @Benchmark
    public void exposure() {
        exposure.add(exposures.get(next()));
    }

    /** Two pieces into an empty one, as the merge of partitions does. */
    @Benchmark
    public Evidence mergePairs() {
        PairEvidence merged = PairEvidence.create(Detail.FULL, SHAPE);
        merged.merge(pairs);
        merged.merge(morePairs);
        return merged;
    }

    @Benchmark
    public Evidence mergeBatches() {
        BatchEvidence merged = BatchEvidence.create(SHAPE);
        merged.merge(batch);
        merged.merge(moreBatches);
        return merged;
    }

    @Benchmark
    public Evidence mergeOutcomes() {
        OutcomeEvidence merged = OutcomeEvidence.create(Detail.FULL, SHAPE);
        merged.merge(outcome);
        merged.merge(moreOutcomes);
        return merged;
    }

    @Benchmark
    public Evidence mergeExposure() {
        ExposureEvidence merged = ExposureEvidence.create();
        merged.merge(exposure);
        merged.merge(moreExposure);
        return merged;
    }
}
