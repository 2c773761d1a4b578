package dev.understudy.model.onnx;

import dev.understudy.domain.ModelVersion;
import dev.understudy.model.ModelSignature;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One version on disk, for people who list models.
 *
 * @param error why it cannot be loaded; then the fields that need the loaded model are null
 * @param batchRule how many rows a call takes, and why
 */
public record ModelDescription(
        String model,
        ModelVersion version,
        Path path,
        @Nullable Long sizeBytes,
        @Nullable String sha256,
        @Nullable ModelSignature signature,
        @Nullable BatchRule batchRule,
        @Nullable String error) {}
