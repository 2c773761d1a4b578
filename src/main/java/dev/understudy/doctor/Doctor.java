package dev.understudy.doctor;

import dev.understudy.app.Understudy;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** All checks of a deployment, in the order in which one would look. */
public final class Doctor {
    private final List<Step> steps;

    /** A check, and the one without which it says nothing. */
    private record Step(Check check, Optional<Check> after) {}

    private Doctor(List<Step> steps) {
        this.steps = steps;
    }

    /**
     * The checks of what is configured.
     *
     * @param samples how many of the latest requests are tried on the models
     * @param mustRun whether a stage that runs nowhere has failed
     * @param clock this machine's
     */
    public static Doctor of(Understudy understudy, int samples, boolean mustRun, Clock clock) {
        RecentRequests recent = new RecentRequests(understudy, samples);
        Check configuration = new ConfigurationCheck(understudy.config());
        AskedFlags asked = new AskedFlags(understudy);
        ConcernedVersions versions = new ConcernedVersions(understudy, asked);
        Check brokers = new BrokersCheck(understudy);
        Check topics = new TopicsCheck(understudy);
        Check stages = new StagesCheck(understudy, mustRun);
        Check schemas = new SchemasCheck(understudy);
        Check flags = new FlagsCheck(understudy, asked);
        Check models = new ModelsCheck(understudy, versions);
        Check requests = new RequestsCheck(understudy, versions, recent);
        Check clocks = new ClocksCheck(understudy, recent, clock);
        Check disk = new DiskCheck(understudy.config());
        return new Doctor(List.of(
                new Step(configuration, Optional.empty()),
                new Step(brokers, Optional.empty()),
                new Step(topics, Optional.of(brokers)),
                new Step(stages, Optional.of(brokers)),
                new Step(schemas, Optional.empty()),
                new Step(flags, Optional.empty()),
                new Step(models, Optional.empty()),
                new Step(requests, Optional.of(brokers)),
                new Step(clocks, Optional.of(brokers)),
                new Step(disk, Optional.empty())));
    }

    /**
     * Looks at everything. A check that fails or takes too long keeps none of the others from looking, but for those that
     * need what it looked at.
     *
     * @param told gets each finding as soon as it is there
     * @return all findings
     */
    public List<Finding> examine(Consumer<Finding> told) {
        ExecutorService thread = Executors.newCachedThreadPool(task -> {
            Thread looking = new Thread(task, "doctor");
            looking.setDaemon(true); // one that hangs does not keep the process
            return looking;
        });
        List<Finding> all = new ArrayList<>();
        try {
            for (Step step : steps) {
                List<Finding> found =
                        step.after().filter(needed -> hasFailed(all, needed)).isPresent()
                                ? List.of(step.check()
                                        .skipped("not looked at: see "
                                                + step.after().get().name()))
                                : look(step.check(), thread);
                found.forEach(told);
                all.addAll(found);
            }
        } finally {
            thread.shutdownNow();
        }
        return all;
    }

    private static boolean hasFailed(List<Finding> findings, Check check) {
        return findings.stream()
                .anyMatch(finding -> finding.check().equals(check.name()) && finding.state() == Finding.State.FAILED);
    }

    private static List<Finding> look(Check check, ExecutorService thread) {
        Future<List<Finding>> looking = thread.submit(check::look);
        try {
            return looking.get(check.limit().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            String message = e.getCause() == null ? null : e.getCause().getMessage();
            return List.of(check.failed(message == null ? String.valueOf(e.getCause()) : message));
        } catch (TimeoutException e) {
            looking.cancel(true);
            return List.of(check.failed("nothing was known after "
                    + check.limit().toSeconds() + " s; something that it asks does not answer"));
        } catch (InterruptedException e) {
            looking.cancel(true);
            Thread.currentThread().interrupt();
            return List.of(check.failed("interrupted while looking"));
        }
    }
}
