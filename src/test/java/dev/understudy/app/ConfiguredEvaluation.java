package dev.understudy.app;

import dev.understudy.config.ConfigLoader;
import dev.understudy.evaluate.EvaluateSettings;
import dev.understudy.evaluate.Provenance;
import dev.understudy.evaluate.SummaryVerifier;
import dev.understudy.readiness.ReadinessPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.jar.Attributes;
import java.util.jar.JarFile;

/** How EVALUATE counts under a configuration. */
public final class ConfiguredEvaluation {
    private ConfiguredEvaluation() {}

    /**
     * As {@link Understudy#verifier}, for decisions of processes that run the packaged jar, while tests run on classes in a
     * folder, which have no version.
     */
    public static SummaryVerifier verifierOfPackaged(Understudy understudy) {
        EvaluateSettings settings = Evaluation.settings(understudy.config());
        Provenance here = Evaluation.provenance(understudy.config(), understudy.hashes(), settings);
        return new SummaryVerifier(
                understudy.connection(),
                Duration.ofSeconds(30),
                understudy.topics(),
                settings,
                new ReadinessPolicy(Evaluation.readiness(understudy.config())),
                new Provenance(here.sha256(), here.configurationHash(), packagedVersion()));
    }

    private static String packagedVersion() {
        try (JarFile jar = new JarFile(Path.of("target", "understudy.jar").toFile())) {
            return jar.getManifest().getMainAttributes().getValue(Attributes.Name.IMPLEMENTATION_VERSION);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As the pipeline reads it from that file. */
    public static EvaluateSettings settings(Path config) {
        return Evaluation.settings(ConfigLoader.ofProcess().load(config));
    }
}
