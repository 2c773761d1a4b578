package dev.understudy.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.understudy.domain.DurationText;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.Suggestion;
import dev.understudy.flags.Backup;
import dev.understudy.flags.FlagKeys;
import dev.understudy.kafka.Guarantee;
import dev.understudy.readiness.Better;
import dev.understudy.readiness.Gate;
import dev.understudy.readiness.LabelPolicy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The whole of {@code understudy.yaml}; {@code understudy-defaults.yaml} documents each key. */
public record UnderstudyConfig(
        Model model,
        Kafka kafka,
        Registry registry,
        Flags flags,
        Score score,
        Shadow shadow,
        Evaluate evaluate,
        Outcomes outcomes,
        Readiness readiness,
        Page page) {
    public UnderstudyConfig {
        require(
                shadow.lagBudget().compareTo(evaluate.lagBudget()) < 0,
                "shadow.lag-budget",
                DurationText.format(shadow.lagBudget()),
                "shorter than evaluate.lag-budget=" + DurationText.format(evaluate.lagBudget()));
    }

    /** Which model, and where its versions are. */
    public record Model(String name, Path directory, String defaultVersion) {
        public Model {
            require(ModelVersion.parse(name).isPresent(), "model.name", name, ModelVersion.RULE);
            require(
                    ModelVersion.parse(defaultVersion).isPresent(),
                    "model.default-version",
                    defaultVersion,
                    ModelVersion.RULE);
        }

        public ModelVersion version() {
            return new ModelVersion(defaultVersion);
        }
    }

    /** The cluster. */
    public record Kafka(
            String bootstrapServers,
            String applicationPrefix,
            String topicPrefix,
            int partitions,
            int replication,
            Path stateDirectory,
            @Nullable String instanceId,
            Map<String, String> properties,
            @Nullable Path propertiesFile) {
        public Kafka {
            require(
                    bootstrapServers.matches("\\s*[^\\s,]+:\\d+\\s*(,\\s*[^\\s,]+:\\d+\\s*)*"),
                    "kafka.bootstrap-servers",
                    bootstrapServers,
                    "host:port[,host:port]");
            require(
                    applicationPrefix.matches("[A-Za-z0-9._-]+"),
                    "kafka.application-prefix",
                    applicationPrefix,
                    "letters, digits, '.', '_' or '-'");
            require(
                    topicPrefix.matches("[A-Za-z0-9._-]*"),
                    "kafka.topic-prefix",
                    topicPrefix,
                    "letters, digits, '.', '_' or '-'");
            require(partitions >= 1, "kafka.partitions", partitions, "at least 1");
            require(replication >= 1 && replication <= Short.MAX_VALUE, "kafka.replication", replication, "at least 1");
            require(
                    instanceId == null || instanceId.matches("[A-Za-z0-9._-]{1,200}"),
                    "kafka.instance-id",
                    instanceId,
                    "1 to 200 letters, digits, '.', '_' or '-'");
            properties = Map.copyOf(properties);
        }
    }

    /** The schema registry. */
    public record Registry(
            List<URI> urls,
            boolean autoRegister,
            @Nullable String username,
            @Nullable Path passwordFile,
            @Nullable Path bearerTokenFile,
            Map<String, String> properties,
            @Nullable Path propertiesFile) {
        public Registry {
            require(!urls.isEmpty(), "registry.urls", urls, "at least one URL");
            for (URI url : urls) {
                require(
                        "http".equals(url.getScheme()) || "https".equals(url.getScheme()),
                        "registry.urls",
                        url,
                        "http:// or https:// URLs");
            }
            require(
                    (username == null) == (passwordFile == null),
                    "registry.username",
                    String.valueOf(username),
                    "given together with registry.password-file");
            require(
                    username == null || bearerTokenFile == null,
                    "registry.bearer-token-file",
                    String.valueOf(bearerTokenFile),
                    "left out when registry.username is given");
            urls = List.copyOf(urls);
            properties = Map.copyOf(properties);
        }
    }

    /** The source of the flags. */
    public record Flags(
            Source source,
            Path file,
            Duration startupTimeout,
            OnUnavailable onUnavailable,
            Keys keys,
            LaunchDarkly launchdarkly,
            Unleash unleash,
            Flagsmith flagsmith) {
        /** Which flag system. */
        public enum Source {
            FILE,
            LAUNCHDARKLY,
            UNLEASH,
            FLAGSMITH
        }

        /** What a start does that cannot reach the source. */
        public enum OnUnavailable {
            FAIL,
            @JsonProperty("last-known")
            LAST_KNOWN,
            DEFAULT;

            @Override
            public String toString() {
                return name().toLowerCase(Locale.ROOT).replace('_', '-');
            }
        }

        /** Keys of the flags. */
        public record Keys(String serving, String candidates, String shadowPrefix) {
            public Keys {
                new FlagKeys(serving, candidates, shadowPrefix);
            }

            public FlagKeys flagKeys() {
                return new FlagKeys(serving, candidates, shadowPrefix);
            }
        }

        /** The LaunchDarkly service. */
        public record LaunchDarkly(
                @Nullable Path sdkKeyFile,
                @Nullable URI baseUri,
                @Nullable Path backupFile,
                boolean sendEvents,
                URI apiUri,
                @Nullable String project,
                @Nullable String environment) {
            public Optional<URI> relay() {
                return Optional.ofNullable(baseUri);
            }
        }

        /** An Unleash server. */
        public record Unleash(
                @Nullable URI url,
                @Nullable Path tokenFile,
                String appName,
                Duration pollInterval,
                @Nullable Path backupFile,
                boolean sendEvents,
                String project,
                @Nullable String environment) {}

        /** The Flagsmith service, or a server of one's own. */
        public record Flagsmith(
                @Nullable Path environmentKeyFile,
                @Nullable URI baseUri,
                Duration pollInterval,
                @Nullable Path backupFile) {
            public Optional<URI> server() {
                return Optional.ofNullable(baseUri);
            }
        }

        public Flags {
            require(
                    source != Source.LAUNCHDARKLY || launchdarkly.sdkKeyFile() != null,
                    "flags.launchdarkly.sdk-key-file",
                    null,
                    "a file with the SDK key when flags.source is launchdarkly");
            require(
                    source != Source.UNLEASH || unleash.url() != null,
                    "flags.unleash.url",
                    null,
                    "the URL of the server, such as http://unleash:4242, when flags.source is unleash");
            require(
                    source != Source.UNLEASH || unleash.tokenFile() != null,
                    "flags.unleash.token-file",
                    null,
                    "a file with a backend token when flags.source is unleash");
            require(
                    source != Source.FLAGSMITH || flagsmith.environmentKeyFile() != null,
                    "flags.flagsmith.environment-key-file",
                    null,
                    "a file with the server-side key of an environment when flags.source is flagsmith");
            requirePositive("flags.startup-timeout", startupTimeout);
            require(
                    source != Source.FILE || onUnavailable != OnUnavailable.LAST_KNOWN,
                    "flags.on-unavailable",
                    onUnavailable,
                    "fail or default when flags.source is file, of which no copy is kept");
            require(
                    onUnavailable != OnUnavailable.LAST_KNOWN
                            || source == Source.FILE
                            || backupFile(source, launchdarkly, unleash, flagsmith) != null,
                    "flags." + source.name().toLowerCase(Locale.ROOT) + ".backup-file",
                    null,
                    "a file that keeps the flags when flags.on-unavailable is last-known");
        }

        /** Where the flags of the source are kept. */
        public Optional<Backup> backup() {
            return Optional.ofNullable(backupFile(source, launchdarkly, unleash, flagsmith))
                    .map(file -> new Backup(file, onUnavailable == OnUnavailable.LAST_KNOWN));
        }

        private static @Nullable Path backupFile(
                Source source, LaunchDarkly launchdarkly, Unleash unleash, Flagsmith flagsmith) {
            return switch (source) {
                case FILE -> null;
                case LAUNCHDARKLY -> launchdarkly.backupFile();
                case UNLEASH -> unleash.backupFile();
                case FLAGSMITH -> flagsmith.backupFile();
            };
        }
    }

    /** Pipeline stage SCORE. */
    public record Score(
            int threads, Guarantee guarantee, Duration commitInterval, Duration linger, Duration hangLimit) {
        public Score {
            require(threads >= 1, "score.threads", threads, "at least 1");
            requirePositive("score.commit-interval", commitInterval);
            requirePositive("score.hang-limit", hangLimit);
            require(!linger.isNegative(), "score.linger", linger, "0ms or more");
        }
    }

    /** Pipeline stage SHADOW. */
    public record Shadow(
            int threads,
            Guarantee guarantee,
            Duration commitInterval,
            Duration linger,
            Duration loadTimeout,
            Duration timeLimit,
            Duration hangLimit,
            Duration quarantine,
            Duration lagBudget,
            double likeForLikeShare,
            List<String> disagreementFeatures) {
        public Shadow {
            require(threads >= 1, "shadow.threads", threads, "at least 1");
            requirePositive("shadow.commit-interval", commitInterval);
            requirePositive("shadow.load-timeout", loadTimeout);
            requirePositive("shadow.time-limit", timeLimit);
            require(
                    hangLimit.compareTo(timeLimit) > 0,
                    "shadow.hang-limit",
                    DurationText.format(hangLimit),
                    "longer than shadow.time-limit=" + DurationText.format(timeLimit));
            requirePositive("shadow.quarantine", quarantine);
            requirePositive("shadow.lag-budget", lagBudget);
            require(!linger.isNegative(), "shadow.linger", linger, "0ms or more");
            require(
                    likeForLikeShare >= 0 && likeForLikeShare <= 1,
                    "shadow.like-for-like-share",
                    likeForLikeShare,
                    "0 to 1");
            disagreementFeatures = List.copyOf(disagreementFeatures);
        }
    }

    /** Pipeline stage EVALUATE. */
    public record Evaluate(
            int threads,
            Duration commitInterval,
            Duration window,
            Duration grace,
            Duration interval,
            Duration idleAfter,
            Duration timeBlock,
            Duration lagBudget,
            Duration windowRetention,
            Duration epochRetention,
            int disagreements,
            Map<String, List<String>> segments,
            int standbyReplicas,
            int cacheMebibytes) {
        public Evaluate {
            require(threads >= 1, "evaluate.threads", threads, "at least 1");
            requirePositive("evaluate.commit-interval", commitInterval);
            requirePositive("evaluate.window", window);
            requirePositive("evaluate.interval", interval);
            requirePositive("evaluate.idle-after", idleAfter);
            requirePositive("evaluate.time-block", timeBlock);
            requirePositive("evaluate.lag-budget", lagBudget);
            requirePositive("evaluate.window-retention", windowRetention);
            requirePositive("evaluate.epoch-retention", epochRetention);
            require(disagreements >= 0 && disagreements <= 100, "evaluate.disagreements", disagreements, "0 to 100");
            require(!grace.isNegative(), "evaluate.grace", grace, "0s or more");
            require(standbyReplicas >= 0, "evaluate.standby-replicas", standbyReplicas, "0 or more");
            require(cacheMebibytes >= 1, "evaluate.cache-mebibytes", cacheMebibytes, "at least 1");
            segments = Map.copyOf(segments);
        }
    }

    /** How outcomes are joined and judged. */
    public record Outcomes(
            boolean join,
            Duration retention,
            Duration maturity,
            LabelPolicy labelPolicy,
            double coverage,
            int memoryMebibytes) {
        public Outcomes {
            requirePositive("outcomes.retention", retention);
            requirePositive("outcomes.maturity", maturity);
            require(
                    maturity.compareTo(retention) <= 0,
                    "outcomes.maturity",
                    maturity,
                    "at most outcomes.retention, " + DurationText.format(retention));
            require(coverage > 0 && coverage <= 1, "outcomes.coverage", coverage, "above 0 and at most 1");
            require(memoryMebibytes >= 1, "outcomes.memory-mebibytes", memoryMebibytes, "at least 1");
        }
    }

    /** Gates and verdicts. */
    public record Readiness(
            double alpha,
            double harmAlpha,
            int minimumRequests,
            int minimumEntities,
            double minimumBuckets,
            Duration validFor,
            Duration flagsStaleAfter,
            int requestBudget,
            List<String> gates,
            Map<String, Double> margins,
            BetterBy better,
            double tailTolerance,
            @Nullable Double valueBound,
            @Nullable Double businessBound,
            Map<String, Duration> holds) {
        /** What "better" means, where it is asked for. */
        public record BetterBy(Better.Reading reading, double by) {
            public BetterBy {
                require(by > 0 && by < 1, "readiness.better.by", by, "above 0 and below 1");
            }
        }

        public Readiness {
            require(alpha > 0 && alpha < 0.5, "readiness.alpha", alpha, "above 0 and below 0.5");
            require(harmAlpha > 0 && harmAlpha < 0.5, "readiness.harm-alpha", harmAlpha, "above 0 and below 0.5");
            require(minimumRequests >= 1, "readiness.minimum-requests", minimumRequests, "at least 1");
            require(minimumEntities >= 1, "readiness.minimum-entities", minimumEntities, "at least 1");
            require(
                    minimumBuckets >= 1 && minimumBuckets <= 64,
                    "readiness.minimum-buckets",
                    minimumBuckets,
                    "1 to 64");
            requirePositive("readiness.valid-for", validFor);
            requirePositive("readiness.flags-stale-after", flagsStaleAfter);
            require(requestBudget >= 0, "readiness.request-budget", requestBudget, "0 or more");
            require(!gates.isEmpty(), "readiness.gates", gates, "at least one gate");
            gates.forEach(gate -> requireGate("readiness.gates", gate));
            gates = List.copyOf(gates);
            require(
                    tailTolerance >= 0 && tailTolerance <= 100,
                    "readiness.tail-tolerance",
                    tailTolerance,
                    "0 to 100, as a share");
            requireBound("readiness.value-bound", valueBound);
            requireBound("readiness.business-bound", businessBound);
            for (Map.Entry<String, Double> margin : margins.entrySet()) {
                requireGate("readiness.margins", margin.getKey());
                require(
                        margin.getValue() >= 0 && margin.getValue() <= 1,
                        "readiness.margins." + margin.getKey(),
                        margin.getValue(),
                        "0 to 1");
            }
            for (Map.Entry<String, Duration> hold : holds.entrySet()) {
                String key = "readiness.holds." + hold.getKey();
                require(hold.getKey().matches("\\d{1,2}"), key, hold.getKey(), "a percentage below 100 as key");
                require(!hold.getValue().isNegative(), key, hold.getValue(), "0s or more");
            }
            margins = Map.copyOf(margins);
            holds = Map.copyOf(holds);
        }
    }

    private static void requireGate(String key, String name) {
        List<String> known = Arrays.stream(Gate.values()).map(Gate::key).toList();
        if (!known.contains(name)) {
            throw new IllegalArgumentException(key + " names the unknown gate '" + name + "'"
                    + Suggestion.orFullStop(name, known) + " The gates are " + String.join(", ", known));
        }
    }

    private static void requireBound(String key, @Nullable Double bound) {
        require(bound == null || (bound > 0 && Double.isFinite(bound)), key, bound, "positive, or null for none");
    }

    private static void requirePositive(String key, Duration value) {
        require(value.toMillis() >= 1, key, value, "positive");
    }

    /** The page that `run` serves. */
    public record Page(
            boolean enabled,
            String host,
            int port,
            @Nullable Path tokenFile) {
        public Page {
            require(port >= 0 && port <= 65_535, "page.port", port, "0 (any free port) to 65535");
            require(!host.isBlank(), "page.host", host, "a name or address of this machine");
        }
    }

    private static void require(boolean condition, String key, @Nullable Object value, String right) {
        if (!condition) {
            String shown = value instanceof Duration duration
                    ? DurationText.format(duration)
                    : value instanceof String || value instanceof URI ? "'" + value + "'" : String.valueOf(value);
            throw new IllegalArgumentException(key + " must be " + right + ", was " + ConfigValues.withoutUser(shown));
        }
    }
}
