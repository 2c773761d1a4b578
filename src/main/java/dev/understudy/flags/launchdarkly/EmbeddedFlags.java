package dev.understudy.flags.launchdarkly;

import com.launchdarkly.sdk.server.Components;
import com.launchdarkly.sdk.server.DataModel;
import com.launchdarkly.sdk.server.LDConfig;
import com.launchdarkly.sdk.server.interfaces.DataSourceStatusProvider.State;
import com.launchdarkly.sdk.server.subsystems.DataSource;
import com.launchdarkly.sdk.server.subsystems.DataSourceUpdateSink;
import com.launchdarkly.sdk.server.subsystems.DataStoreTypes.FullDataSet;
import com.launchdarkly.sdk.server.subsystems.DataStoreTypes.ItemDescriptor;
import com.launchdarkly.sdk.server.subsystems.DataStoreTypes.KeyedItems;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.AnswerCache;
import dev.understudy.flags.Explanation;
import dev.understudy.flags.FlagDescription;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.Routing;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** LaunchDarkly's evaluator without its service: the flags are handed in, all at once, in LaunchDarkly's own JSON. */
public final class EmbeddedFlags implements AutoCloseable {
    private final HandedIn source;
    private final VersionFlags flags;

    /** Begins with these flags: LaunchDarkly's JSON of each, by key. */
    public EmbeddedFlags(FlagKeys keys, ModelVersion defaultVersion, Map<String, String> definitions) {
        HandedIn handedIn = new HandedIn(parse(definitions));
        this.source = handedIn;
        this.flags = new VersionFlags(
                "embedded",
                new LDConfig.Builder()
                        .dataSource(context -> handedIn.feeding(context.getDataSourceUpdateSink()))
                        .events(Components.noEvents())
                        .logging(Components.noLogging())
                        .startWait(Duration.ofSeconds(5)),
                new FlagBoard(keys, defaultVersion, AnswerCache.SLOTS),
                Optional.empty());
    }

    /** Replaces all flags at once. Whoever asks after it returned is answered by the new ones. */
    public void replace(Map<String, String> definitions) {
        source.put(parse(definitions));
    }

    public Routing route(String entityId, Map<String, String> attributes) {
        return flags.route(entityId, attributes);
    }

    /** Names that LaunchDarkly keeps for itself. */
    public static Set<String> reservedAttributes() {
        return VersionFlags.RESERVED;
    }

    public Explanation explain(String entityId, Map<String, String> attributes) {
        return flags.explain(entityId, attributes);
    }

    public List<FlagDescription> describe() {
        return flags.describe();
    }

    public Optional<String> problem() {
        return flags.known().problem();
    }

    public long unusableAnswers() {
        return flags.unusableAnswers();
    }

    public void onChange(Runnable listener) {
        flags.onChange(listener);
    }

    @Override
    public void close() {
        flags.close();
    }

    private static FullDataSet<ItemDescriptor> parse(Map<String, String> definitions) {
        Map<String, ItemDescriptor> flags = new LinkedHashMap<>();
        definitions.forEach((key, json) -> flags.put(key, DataModel.FEATURES.deserialize(json)));
        return new FullDataSet<>(Map.of(
                        DataModel.FEATURES, new KeyedItems<>(flags.entrySet()),
                        DataModel.SEGMENTS,
                                new KeyedItems<ItemDescriptor>(
                                        Map.<String, ItemDescriptor>of().entrySet()))
                .entrySet());
    }

    /** The SDK's data source: what was handed in last. */
    private static final class HandedIn implements DataSource {
        private FullDataSet<ItemDescriptor> latest;
        private @Nullable DataSourceUpdateSink sink;

        HandedIn(FullDataSet<ItemDescriptor> first) {
            this.latest = first;
        }

        synchronized DataSource feeding(DataSourceUpdateSink receiver) {
            this.sink = receiver;
            return this;
        }

        synchronized void put(FullDataSet<ItemDescriptor> next) {
            latest = next;
            DataSourceUpdateSink receiver = sink;
            if (receiver == null || !receiver.init(next)) {
                throw new IllegalStateException("LaunchDarkly's evaluator did not take the flags");
            }
            receiver.updateStatus(State.VALID, null);
        }

        @Override
        public synchronized Future<Void> start() {
            put(latest);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public boolean isInitialized() {
            return true;
        }

        @Override
        public void close() {
            // Nothing is open: whoever hands flags in has its own source to close.
        }
    }
}
