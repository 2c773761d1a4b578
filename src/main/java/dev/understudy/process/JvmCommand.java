package dev.understudy.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command line of a child JVM: the same Java as this process, a bounded heap, the serial collector, an end when memory
 * runs out, and on newer Javas the flags that keep native libraries from warning.
 *
 * @param prefix what runs the JVM in place of itself, such as {@code taskset}; usually empty
 * @param arguments what {@code main} gets
 */
public record JvmCommand(
        List<String> prefix,
        String mainClass,
        String classPath,
        int heapMebibytes,
        List<String> jvmArguments,
        List<String> arguments) {

    /** The first Java that warns about native access and about {@code sun.misc.Unsafe}. */
    private static final int WARNS_ABOUT_NATIVE_ACCESS = 24;

    public JvmCommand {
        if (mainClass.isBlank()) {
            throw new IllegalArgumentException("the main class of a child JVM must be named");
        }
        if (classPath.isBlank()) {
            throw new IllegalArgumentException("the class path of a child JVM must not be empty");
        }
        if (heapMebibytes < 16) {
            throw new IllegalArgumentException(
                    "the heap of a child JVM must be at least 16 MiB, was " + heapMebibytes + " MiB");
        }
        prefix = List.copyOf(prefix);
        jvmArguments = List.copyOf(jvmArguments);
        arguments = List.copyOf(arguments);
    }

    /** A JVM that runs this main class on the class path of this process. */
    public static JvmCommand of(Class<?> main, int heapMebibytes) {
        return new JvmCommand(List.of(), main.getName(), ownClassPath(), heapMebibytes, List.of(), List.of());
    }

    /** The class path that this process was started with. */
    public static String ownClassPath() {
        return System.getProperty("java.class.path");
    }

    public JvmCommand withClassPath(String path) {
        return new JvmCommand(prefix, mainClass, path, heapMebibytes, jvmArguments, arguments);
    }

    /** Adds options for the JVM; one that is given later overrides an earlier one, as {@code java} does it. */
    public JvmCommand withJvmArguments(String... more) {
        return new JvmCommand(prefix, mainClass, classPath, heapMebibytes, joined(jvmArguments, more), arguments);
    }

    /** What Java says when native code takes the JVM down goes to that folder, as {@code hs_err_pid<pid>.log}. */
    public JvmCommand withCrashReportsIn(Path folder) {
        return withJvmArguments("-XX:ErrorFile=" + folder.resolve("hs_err_pid%p.log"));
    }

    /** Adds arguments for {@code main}. */
    public JvmCommand withArguments(String... more) {
        return new JvmCommand(prefix, mainClass, classPath, heapMebibytes, jvmArguments, joined(arguments, more));
    }

    /** Lets another program run the JVM in place of itself: its words come first. */
    public JvmCommand withPrefix(List<String> words) {
        return new JvmCommand(words, mainClass, classPath, heapMebibytes, jvmArguments, arguments);
    }

    /** The words of the command, the {@code java} executable first unless there is a prefix. */
    public List<String> words() {
        List<String> words = new ArrayList<>(prefix);
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.add("-Xmx" + heapMebibytes + "m");
        words.add("-XX:+UseSerialGC");
        // A thread that is lost to it leaves a process behind that looks alive.
        words.add("-XX:+ExitOnOutOfMemoryError");
        if (Runtime.version().feature() >= WARNS_ABOUT_NATIVE_ACCESS) {
            words.add("--enable-native-access=ALL-UNNAMED");
            words.add("--sun-misc-unsafe-memory-access=allow");
        }
        words.addAll(jvmArguments);
        words.add("-cp");
        words.add(classPath);
        words.add(mainClass);
        words.addAll(arguments);
        return words;
    }

    private static List<String> joined(List<String> first, String... more) {
        List<String> all = new ArrayList<>(first);
        all.addAll(List.of(more));
        return all;
    }
}
