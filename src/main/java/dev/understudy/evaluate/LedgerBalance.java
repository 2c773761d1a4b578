package dev.understudy.evaluate;

/**
 * How the ledger of a pair and epoch stands: eligible = accounted + pending + missing − surplus.
 *
 * @param eligible comparisons that were due, counted from predictions
 * @param accounted comparisons that came, whatever their status
 * @param pending due within the lag budget and not there yet; below 0 while predictions are read later than comparisons
 * @param missing due longer than the lag budget ago, and not there
 * @param surplus there, although none was due
 */
public record LedgerBalance(long eligible, long accounted, long pending, long missing, long surplus) {
    /** Nothing was due and nothing came. */
    public static final LedgerBalance NONE = new LedgerBalance(0, 0, 0, 0, 0);

    /** What does not balance; 0 is right. */
    public long gap() {
        return missing + surplus;
    }
}
