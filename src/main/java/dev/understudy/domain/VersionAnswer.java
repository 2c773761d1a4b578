package dev.understudy.domain;

/**
 * One version's answer to one request, with what its model call cost.
 *
 * @param batchNanos duration of the model call that scored the request's batch; 0 when no call was made
 * @param batchRows rows in that call
 */
public record VersionAnswer(ModelVersion version, RowResult result, long batchNanos, int batchRows) {}
