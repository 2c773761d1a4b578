package dev.understudy.flags.launchdarkly;

import com.launchdarkly.sdk.server.DataModel;
import com.launchdarkly.sdk.server.interfaces.DataStoreStatusProvider.CacheStats;
import com.launchdarkly.sdk.server.subsystems.DataStore;
import com.launchdarkly.sdk.server.subsystems.DataStoreTypes.DataKind;
import com.launchdarkly.sdk.server.subsystems.DataStoreTypes.FullDataSet;
import com.launchdarkly.sdk.server.subsystems.DataStoreTypes.ItemDescriptor;
import com.launchdarkly.sdk.server.subsystems.DataStoreTypes.KeyedItems;
import dev.understudy.flags.BackupFile;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The SDK's in-memory store, watched. The SDK tells its flag listeners later and on another thread; here a change is
 * seen as it is written, with the definitions, so that nothing has to be evaluated to learn which flags exist.
 */
final class WatchedStore implements DataStore {
    private final DataStore store;
    private final FlagBoard board;
    private final Optional<BackupFile> backup;

    WatchedStore(DataStore store, FlagBoard board, Optional<BackupFile> backup) {
        this.store = store;
        this.board = board;
        this.backup = backup;
    }

    @Override
    public void init(FullDataSet<ItemDescriptor> all) {
        replace(all, true);
        keep();
    }

    /** Begins with flags that were kept, unless the service has sent some meanwhile. */
    void beginWith(FullDataSet<ItemDescriptor> kept) {
        replace(kept, false);
    }

    /** After the change is in force. Nobody waits for the disk here: it is the thread on which changes come. */
    private void keep() {
        backup.ifPresent(file -> file.keep(FlagData.write(store)));
    }

    private void replace(FullDataSet<ItemDescriptor> all, boolean always) {
        Map<String, FlagShape> shapes = new TreeMap<>();
        for (Map.Entry<DataKind, KeyedItems<ItemDescriptor>> kind : all.getData()) {
            if (kind.getKey() == DataModel.FEATURES) {
                for (Map.Entry<String, ItemDescriptor> flag : kind.getValue().getItems()) {
                    put(shapes, flag.getKey(), flag.getValue());
                }
            }
        }
        board.change(() -> {
            if (!always && store.isInitialized()) {
                return null;
            }
            store.init(all);
            return shapes;
        });
    }

    @Override
    public boolean upsert(DataKind kind, String key, ItemDescriptor item) {
        boolean changed = board.change(() -> upserted(kind, key, item));
        if (changed) {
            keep();
        }
        return changed;
    }

    private @Nullable Map<String, FlagShape> upserted(DataKind kind, String key, ItemDescriptor item) {
        if (!store.upsert(kind, key, item)) {
            return null;
        }
        Map<String, FlagShape> shapes = new TreeMap<>(board.state().shapes());
        if (kind == DataModel.FEATURES) {
            put(shapes, key, item);
        }
        return shapes; // also for other flags and segments: ours may depend on them
    }

    private void put(Map<String, FlagShape> shapes, String key, ItemDescriptor flag) {
        if (!board.keys().cover(key)) {
            return;
        }
        if (flag.getItem() == null) {
            shapes.remove(key);
        } else {
            shapes.put(key, FlagShape.of(DataModel.FEATURES.serialize(flag)));
        }
    }

    @Override
    public @Nullable ItemDescriptor get(DataKind kind, String key) {
        return store.get(kind, key);
    }

    @Override
    public KeyedItems<ItemDescriptor> getAll(DataKind kind) {
        return store.getAll(kind);
    }

    @Override
    public boolean isInitialized() {
        return store.isInitialized();
    }

    @Override
    public boolean isStatusMonitoringEnabled() {
        return store.isStatusMonitoringEnabled();
    }

    @Override
    public @Nullable CacheStats getCacheStats() {
        return store.getCacheStats();
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
