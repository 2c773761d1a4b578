package dev.understudy.model.onnx;

import dev.understudy.domain.FeatureMap;
import dev.understudy.fuzz.Fuzz;
import dev.understudy.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Loads damaged models one after the other and says in a file how far it came. */
final class ModelFuzzChild {
    static final String READY = "READY";

    private ModelFuzzChild() {}

    /**
     * Loads them.
     *
     * @param arguments folder, number of the first input, number after the last
     */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        Path model = Files.createDirectories(folder.resolve("v1")).resolve(OnnxModel.FILE_NAME);
        Fuzz fuzz = ModelFuzzTest.fuzz();
        System.out.println(READY);
        long accepted = 0;
        for (long i = Long.parseLong(arguments[1]); i < Long.parseLong(arguments[2]); i++) {
            Files.writeString(progress(folder), i + " " + accepted);
            Files.write(model, fuzz.input(i));
            try (OnnxModel loaded = OnnxModel.open(model, OnnxSettings.strict())) {
                var unused = loaded.score(List.of(new FeatureMap(Map.of())));
                accepted++;
            } catch (ModelException refused) {
                if (String.valueOf(refused.getMessage()).isBlank()) {
                    throw refused;
                }
            }
        }
        Files.writeString(progress(folder), (Long.parseLong(arguments[2]) - 1) + " " + accepted);
    }

    private static Path progress(Path folder) {
        return folder.resolve("progress");
    }

    /** Number of the input that was loaded last. */
    static long last(Path folder) throws IOException {
        return Long.parseLong(Files.readString(progress(folder)).split(" ", 2)[0]);
    }

    /** How many were accepted. */
    static long accepted(Path folder) throws IOException {
        return Long.parseLong(Files.readString(progress(folder)).split(" ", 2)[1]);
    }
}
