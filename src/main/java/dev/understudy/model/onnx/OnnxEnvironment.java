package dev.understudy.model.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * ONNX Runtime's environment, one for the process.
 *
 * <p>ONNX Runtime 1.29.0 goes through the process's command line by recursion when the environment is made, about two
 * native frames for each character. On a thread with Java's usual 1 MB of stack, a command line of some 4,000 characters
 * (a class path of 74 jars has 6,400) ended the JVM with SIGSEGV, without a message or a crash file. So the environment is
 * made on a thread of its own, with stack enough for four of the longest arguments that Linux takes.
 */
public final class OnnxEnvironment {
    /** Reserved, not used, until it is needed: one argument of 128 KiB took between 32 and 48 MiB, four fitted in. */
    private static final long STACK_BYTES = 128L << 20;

    private OnnxEnvironment() {}

    /** Initialised by the first caller; others wait for it. */
    private static final class Holder {
        static final OrtEnvironment INSTANCE = create();
    }

    /** The environment; made by the first caller, the others wait for it. */
    public static OrtEnvironment get() {
        return Holder.INSTANCE;
    }

    private static OrtEnvironment create() {
        FutureTask<OrtEnvironment> creation = new FutureTask<>(
                () -> OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "understudy"));
        Thread thread = new Thread(null, creation, "onnx-environment", STACK_BYTES);
        thread.setDaemon(true);
        thread.start();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return creation.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw new IllegalStateException("ONNX Runtime cannot be started on this machine", e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
