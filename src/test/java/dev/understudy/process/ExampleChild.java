package dev.understudy.process;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The child JVM of {@link ChildJvmTest}; its argument says how it behaves. */
final class ExampleChild {
    private ExampleChild() {}

    public static void main(String[] arguments) throws InterruptedException {
        PrintStream errors = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        PrintStream output = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        switch (arguments[0]) {
            case "fails" -> {
                errors.println("port 9092 is in use");
                System.exit(3);
            }
            case "never-ready" -> {
                errors.println("still looking for the disk");
                Thread.currentThread().join();
            }
            case "talks" -> {
                for (int line = 1; line <= 300; line++) {
                    errors.println("line " + line);
                }
                output.println("about to be ready");
                output.println("READY yes");
                Thread.currentThread().join();
            }
            case "holds-the-line" -> {
                LifeLine.exitWhenCut(System.in, Duration.ofSeconds(5));
                output.println("READY yes");
                Thread.currentThread().join();
            }
            case "hangs-in-its-hook" -> {
                LifeLine.exitWhenCut(System.in, Duration.ofMillis(200));
                Runtime.getRuntime().addShutdownHook(new Thread(ExampleChild::hang));
                output.println("READY yes");
                Thread.currentThread().join();
            }
            case "is-a-parent" -> {
                ChildJvm child = ChildJvm.start(
                        "grandchild",
                        JvmCommand.of(ExampleChild.class, 32).withArguments("holds-the-line"),
                        "READY",
                        Duration.ofSeconds(30));
                output.println("READY " + child.pid());
                Thread.currentThread().join();
            }
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void hang() {
        try {
            Thread.currentThread().join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
