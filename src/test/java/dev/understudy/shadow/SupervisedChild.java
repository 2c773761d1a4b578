package dev.understudy.shadow;

import dev.understudy.process.LifeLine;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The child JVM of {@link ShadowSupervisorTest}; its argument says how it behaves. */
final class SupervisedChild {
    private SupervisedChild() {}

    public static void main(String[] arguments) throws InterruptedException {
        PrintStream output = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        LifeLine.exitWhenCut(System.in, Duration.ofSeconds(5));
        switch (arguments[0]) {
            case "serve" -> {
                output.println("loading models");
                output.println("READY");
                Thread.currentThread().join();
            }
            case "refuse" -> {
                new PrintStream(System.err, true, StandardCharsets.UTF_8).println("model.directory is missing");
                System.exit(2);
            }
            case "die" -> {
                output.println("READY");
                System.exit(9);
            }
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }
}
