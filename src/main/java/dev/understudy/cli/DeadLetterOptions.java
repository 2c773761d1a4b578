package dev.understudy.cli;

import dev.understudy.app.StageName;
import dev.understudy.kafka.DeadLetter;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which dead letters a command is about. */
final class DeadLetterOptions {
    /** Opening a topic and waiting for a stage's transaction to end. */
    static final Duration BOUND = Duration.ofSeconds(60);

    /** Why a stage gave up. */
    private enum Cause {
        UNREADABLE,
        UNPROCESSABLE,
        UNWRITABLE
    }

    @Option(
            names = "--stage",
            paramLabel = "STAGE",
            description = "Only those of this stage: ${COMPLETION-CANDIDATES}.")
    private @Nullable StageName stage;

    @Option(
            names = "--cause",
            paramLabel = "CAUSE",
            description = "Only those of this cause: ${COMPLETION-CANDIDATES}.")
    private @Nullable Cause cause;

    @Option(names = "--topic", paramLabel = "TOPIC", description = "Only records of this topic.")
    private @Nullable String topic;

    @Option(
            names = "--since",
            paramLabel = "DURATION",
            description =
                    "Only of records whose own time is within so long, such as 24h; a stage may have met them later.")
    private @Nullable String since;

    /** What they want, as of now. */
    Predicate<DeadLetter> wanted(OptionValues values) {
        Instant from = since == null ? Instant.MIN : Instant.now().minus(values.duration("--since", since));
        return letter -> (stage == null || stage.key().equals(letter.stage()))
                && (cause == null || cause.name().equals(letter.cause()))
                && (topic == null || topic.equals(letter.source().topic()))
                && !letter.writtenAt().isBefore(from);
    }

    /** Whether anything is left out. */
    boolean areGiven() {
        return stage != null || cause != null || topic != null || since != null;
    }

    /** What a cause means, for people. */
    static String inWords(DeadLetter letter) {
        return switch (letter.cause().toUpperCase(Locale.ROOT)) {
            case "UNREADABLE" -> "its bytes could not be decoded";
            case "UNPROCESSABLE" -> letter.stage() + " could decode it, and failed on what it says";
            case "UNWRITABLE" -> "what " + letter.stage() + " made of it could not be written";
            default -> "nobody knows";
        };
    }

    /** What to do about a cause. */
    static String advice(DeadLetter letter) {
        return switch (letter.cause().toUpperCase(Locale.ROOT)) {
            case "UNREADABLE" ->
                "is its schema registered, and does the writer use Confluent's format? Mend that, then replay";
            case "UNPROCESSABLE" ->
                "the message says what is wrong with it; replay once a version that can use it runs";
            case "UNWRITABLE" -> "is it too large (max.request.size, max.message.bytes)? Let upstream send it anew";
            default -> "show it";
        };
    }
}
