package dev.understudy.shadow;

import dev.understudy.domain.Features;
import dev.understudy.domain.ForkTarget;
import dev.understudy.domain.FraudRequests;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.Request;
import dev.understudy.model.BatchScorer;
import dev.understudy.model.ModelException;
import dev.understudy.model.onnx.OnnxModelRepository;
import dev.understudy.model.onnx.OnnxSettings;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * What like-for-like trials say of a model against itself (the ratio should be 1) and of two models both ways (the product
 * of both ratios should be 1). Three candidates a batch, a tenth of the batches tried with each; before each batch 48 MiB
 * of other memory are touched, as by whoever else has the core.
 *
 * <p>Arguments: rows a batch, trials a candidate, production and candidate of the shipped model {@code fraud}.
 */
public final class LikeForLikeBias {
    private static final int CANDIDATES = 3;
    private static final int WARM_UP = 2_000;
    private static final int CACHE_LINE = 64;
    private static final int ROWS = 3_000;

    private final byte[] others = new byte[48 << 20];
    private final int rowsABatch;
    private final List<Features> rows =
            FraudRequests.read().take(ROWS).stream().map(Request::features).toList();
    private int from;

    private LikeForLikeBias(int rowsABatch) {
        this.rowsABatch = rowsABatch;
    }

    /** A version in a session of its own: one that is shared would find itself in the caches. */
    private static BatchScorer load(String version) throws ModelException {
        return OnnxModelRepository.open(Path.of("models"), "fraud", OnnxSettings.pipeline(), Clock.systemUTC())
                .load(new ModelVersion(version));
    }

    private List<Features> nextBatch() {
        if (from + rowsABatch > rows.size()) {
            from = 0;
        }
        List<Features> batch = rows.subList(from, from + rowsABatch);
        from += rowsABatch;
        for (int line = 0; line < others.length; line += CACHE_LINE) {
            others[line]++;
        }
        return batch;
    }

    private List<List<BatchTimes>> measure(BatchScorer production, List<BatchScorer> candidates, int trialsEach) {
        LikeForLikeTrials trials = new LikeForLikeTrials(0.1, 1);
        List<Integer> numbers = List.of(0, 1, 2);
        List<ForkTarget> targets = numbers.stream()
                .map(n -> new ForkTarget(production.version(), new ModelVersion("c" + n), 1))
                .toList();
        List<List<BatchTimes>> measured =
                numbers.stream().<List<BatchTimes>>map(n -> new ArrayList<>()).toList();
        for (int batch = 0; measured.stream().anyMatch(times -> times.size() < trialsEach); batch++) {
            List<Features> next = nextBatch();
            int tried = batch < WARM_UP ? -1 : trials.draw(numbers).orElse(-1);
            if (tried >= 0) {
                measured.get(tried)
                        .add(trials.run(
                                        targets.get(tried),
                                        LikeForLikeTrialsTest.calls(production),
                                        LikeForLikeTrialsTest.calls(candidates.get(tried)),
                                        next)
                                .times());
            }
            for (int candidate = 0; candidate < CANDIDATES; candidate++) {
                if (candidate != tried) {
                    candidates.get(candidate).score(next);
                }
            }
            if (batch < WARM_UP) {
                production.score(next);
            }
        }
        return measured;
    }

    private static void print(List<BatchTimes> times) {
        double[] logs = times.stream()
                .mapToDouble(one -> Math.log((double) one.candidateNanos() / one.productionNanos()))
                .toArray();
        double mean = DoubleStream.of(logs).average().orElse(0);
        double deviation = Math.sqrt(DoubleStream.of(logs)
                .map(log -> (log - mean) * (log - mean))
                .average()
                .orElse(0));
        double noise = times.stream()
                .mapToDouble(one -> Math.log((double) one.productionAgainNanos() / one.productionNanos()))
                .average()
                .orElse(0);
        System.out.printf(
                Locale.ROOT,
                "candidate/production %.3f +- %.3f, standard deviation of its logarithm %.2f, production against itself"
                        + " %.3f, %d trials%n",
                Math.exp(mean),
                2 * Math.exp(mean) * deviation / Math.sqrt(logs.length),
                deviation,
                Math.exp(noise),
                logs.length);
    }

    public static void main(String[] arguments) throws ModelException {
        BatchScorer production = load(arguments[2]);
        List<BatchScorer> candidates = new ArrayList<>();
        for (int n = 0; n < CANDIDATES; n++) {
            candidates.add(load(arguments[3]));
        }
        new LikeForLikeBias(Integer.parseInt(arguments[0]))
                .measure(production, candidates, Integer.parseInt(arguments[1]))
                .forEach(LikeForLikeBias::print);
    }
}
