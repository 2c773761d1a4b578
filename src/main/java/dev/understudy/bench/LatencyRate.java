package dev.understudy.bench;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A rate at which latency is measured.
 *
 * @param amount requests a second, or percent of what was measured as saturation
 */
public record LatencyRate(int amount, boolean ofSaturation) {
    private static final Pattern FORM = Pattern.compile("([1-9]\\d{0,6})(%?)");

    /**
     * Parses {@code 1000} or {@code 80%}.
     *
     * @throws IllegalArgumentException with a message that says what would be right
     */
    public static LatencyRate parse(String text) {
        Matcher matcher = FORM.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "a rate is requests a second, such as 1000, or a share of saturation, such as 80%, was '" + text
                            + "'");
        }
        boolean share = !matcher.group(2).isEmpty();
        int amount = Integer.parseInt(matcher.group(1));
        if (share && amount > 100) {
            throw new IllegalArgumentException("a share of saturation must be 1% to 100%, was " + amount + "%");
        }
        return new LatencyRate(amount, share);
    }

    /** Requests a second where so many predictions a second were the most. */
    int perSecond(double saturation) {
        return ofSaturation ? Math.max(1, (int) (saturation * amount / 100)) : amount;
    }

    @Override
    public String toString() {
        return amount + (ofSaturation ? "%" : "");
    }
}
