package dev.understudy.flags.file;

import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.ModelFlags;
import dev.understudy.flags.RolloutContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** The contract over a file that is written in place, as editors do. */
class FileContractTest extends RolloutContract {
    @TempDir
    private Path folder;

    @Override
    protected void publish(FlagsDraft draft) throws Exception {
        FlagsDraft.Serving serving = draft.serving();
        StringBuilder yaml = new StringBuilder("flags:\n  ml-model-version:\n");
        yaml.append("    on: ").append(serving.on()).append('\n');
        yaml.append("    variations: ").append(serving.versions()).append('\n');
        yaml.append("    ").append(answer(serving.otherwise())).append('\n');
        if (!serving.targets().isEmpty()) {
            yaml.append("    targets:\n");
            serving.targets()
                    .forEach((version, ids) -> yaml.append("      ")
                            .append(version)
                            .append(": ")
                            .append(ids)
                            .append('\n'));
        }
        if (!serving.rules().isEmpty()) {
            yaml.append("    rules:\n");
            for (FlagsDraft.Rule rule : serving.rules()) {
                yaml.append("      - if: {" + rule.attribute() + ": [" + rule.value() + "]}\n");
                yaml.append("        ").append(answer(rule.answer())).append('\n');
            }
        }
        yaml.append("  shadow-candidates:\n    on: ")
                .append(draft.candidatesOn())
                .append('\n');
        yaml.append("    variations: {these: ").append(draft.candidates()).append("}\n    serve: these\n");
        draft.shadowModes().forEach((version, on) -> yaml.append("  shadow-mode-" + version + ": " + on + "\n"));
        Files.writeString(file(), yaml);
    }

    @Override
    protected ModelFlags connect() throws Exception {
        return FileFlags.open(
                new FileFlagSettings(file(), Duration.ofMillis(10), Duration.ofMillis(100)),
                FlagKeys.standard(),
                DEFAULT,
                Clock.systemUTC());
    }

    private Path file() {
        return folder.resolve("flags.yaml");
    }

    private static String answer(FlagsDraft.Answer answer) {
        if (answer instanceof FlagsDraft.Fixed fixed) {
            return "serve: " + fixed.version();
        }
        List<String> shares = new ArrayList<>();
        ((FlagsDraft.Shares) answer).percent().forEach((version, percent) -> shares.add(version + ": " + percent));
        return "rollout: {" + String.join(", ", shares) + "}";
    }
}
