package dev.understudy.kafka;

/**
 * How scoring ahead went since start.
 *
 * @param batches polled batches that were worked in one go
 * @param rows records in them
 * @param failedBatches batches whose work threw, so that their records were worked alone
 * @param undecoded records that could not be decoded at the poll
 * @param single records that were worked alone
 */
public record AheadCounts(long batches, long rows, long failedBatches, long undecoded, long single) {}
