package dev.understudy.model.onnx;

/**
 * How many rows a call may have so that a row's answer is the same, to the last bit, in whatever batch it comes.
 *
 * @param leastRows a smaller call is filled up by repeating its first row
 * @param mostRows a larger batch is split
 * @param reason for people
 */
public record BatchRule(int leastRows, int mostRows, String reason) {
    public BatchRule {
        if (leastRows < 1 || mostRows < leastRows) {
            throw new IllegalArgumentException("a call cannot have " + leastRows + " to " + mostRows + " rows");
        }
    }
}
