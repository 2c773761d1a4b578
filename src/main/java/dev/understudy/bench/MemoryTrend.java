package dev.understudy.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * How much memory a process held over time.
 *
 * @param earlyBytes when a fifth of the time had passed
 * @param endBytes at the end
 * @param growthPerHour bytes an hour over the second half, by the Theil-Sen estimator: the median of the slopes between all
 *     pairs of samples, which a few outliers do not move
 */
public record MemoryTrend(long earlyBytes, long endBytes, double growthPerHour) {
    private static final double SECONDS_PER_HOUR = 3600;

    /**
     * One look at a process.
     *
     * @param seconds since the beginning
     */
    record Sample(double seconds, long bytes) {}

    /**
     * The trend of at least four samples, in the order of time.
     *
     * @throws IllegalArgumentException if there are fewer
     */
    static MemoryTrend of(List<Sample> samples) {
        if (samples.size() < 4) {
            throw new IllegalArgumentException("a trend needs at least 4 samples, had " + samples.size());
        }
        Sample last = samples.get(samples.size() - 1);
        Sample early = samples.stream()
                .filter(sample -> sample.seconds() >= last.seconds() / 5)
                .findFirst()
                .orElse(last);
        List<Sample> half = samples.subList(samples.size() / 2, samples.size());
        List<Double> slopes = new ArrayList<>();
        for (int later = 1; later < half.size(); later++) {
            for (int earlier = 0; earlier < later; earlier++) {
                slopes.add((half.get(later).bytes() - half.get(earlier).bytes())
                        / (half.get(later).seconds() - half.get(earlier).seconds()));
            }
        }
        return new MemoryTrend(early.bytes(), last.bytes(), Spread.of(slopes).median() * SECONDS_PER_HOUR);
    }
}
