package dev.understudy.bench;

import dev.understudy.model.ModelException;
import dev.understudy.process.JvmCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * Measures the variants in turn, several rounds of each: what a machine does beside us changes from minute to minute, and so
 * falls on all of them alike.
 */
public final class Bench {
    private final BenchSettings settings;
    private final BiFunction<Path, String, JvmCommand> stageCommand;
    private final Consumer<String> say;

    /**
     * A benchmark that has not begun.
     *
     * @param stageCommand the command that runs one pipeline stage with a configuration; it prints a line that begins with
     *     {@link PeerMain#READY} and ends when its standard input does
     * @param say gets a line for people now and then
     */
    public Bench(BenchSettings settings, BiFunction<Path, String, JvmCommand> stageCommand, Consumer<String> say) {
        this.settings = settings;
        this.stageCommand = stageCommand;
        this.say = say;
    }

    /**
     * Runs all rounds.
     *
     * @throws ModelException if the model cannot be loaded
     * @throws IllegalArgumentException if its inputs are not numbers
     */
    public BenchResult run() throws ModelException, IOException {
        List<Round> rounds = new ArrayList<>();
        try (BenchCluster cluster = BenchCluster.start(settings.model(), settings.directory(), say)) {
            List<Variant> variants = new ArrayList<>(settings.variants());
            if (ColumnsModel.of(cluster.signature()).isEmpty() && variants.removeIf(Variant::needsColumns)) {
                say.accept(
                        "bare and naive are left out: they are written for one input of float columns, a label and two"
                                + " probabilities, which this model has not");
            }
            RoundRunner runner = new RoundRunner(settings, stageCommand, cluster);
            for (int number = 1; number <= settings.rounds(); number++) {
                for (Variant variant : Rounds.order(variants, number)) {
                    Round round = runner.run(variant, number);
                    rounds.add(round);
                    say.accept(String.format(
                            Locale.ROOT,
                            "round %d of %d: %s %.2f µs of CPU a record, %,.0f records/s, %,.0f bytes a record",
                            number,
                            settings.rounds(),
                            variant,
                            round.cpuMicrosPerRecord(),
                            round.recordsPerSecond(),
                            round.bytesPerRecord()));
                }
            }
        }
        return BenchResult.of(settings.model().toString(), rounds);
    }
}
