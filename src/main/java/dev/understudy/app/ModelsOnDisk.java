package dev.understudy.app;

import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.ModelVersion;
import dev.understudy.model.ModelException;
import dev.understudy.model.onnx.OnnxModelRepository;
import dev.understudy.model.onnx.OnnxSettings;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which versions of the model have a file on this machine; whether one loads is another question.
 *
 * @param folder where they are looked for
 * @param problem why the folder cannot be looked into
 */
public record ModelsOnDisk(Path folder, List<ModelVersion> versions, Optional<String> problem) {
    static ModelsOnDisk now(UnderstudyConfig.Model model) {
        Path folder = model.directory().resolve(model.name());
        try (OnnxModelRepository models =
                OnnxModelRepository.open(model.directory(), model.name(), OnnxSettings.strict(), Clock.systemUTC())) {
            return new ModelsOnDisk(folder, models.versions(), Optional.empty());
        } catch (ModelException | IllegalStateException e) {
            return new ModelsOnDisk(folder, List.of(), Optional.of(String.valueOf(e.getMessage())));
        }
    }

    /** Why the version is not there, for people; empty where it is. */
    public Optional<String> missing(ModelVersion version) {
        if (versions.contains(version)) {
            return Optional.empty();
        }
        return problem.or(() -> Optional.of(folder + " has no " + version + " on this machine; it has "
                + (versions.isEmpty()
                        ? "no version at all"
                        : versions.stream().map(ModelVersion::name).collect(Collectors.joining(", ")))));
    }
}
