package dev.understudy.evaluate;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * In-memory stores that say which values they are given. Below a cache that is when the cache hands a value down, at a
 * commit or because it is full: until then it holds the value, and whoever changes that in place need not put it again.
 */
final class WatchedStores implements KeyValueBytesStoreSupplier {
    private final KeyValueBytesStoreSupplier plain;
    private final Map<TaskId, Watched> opened = new ConcurrentHashMap<>();

    WatchedStores(String name) {
        plain = Stores.inMemoryKeyValueStore(name);
    }

    /** From now on the watcher gets the key of each value that the task's store is given, on the task's thread. */
    void watch(TaskId task, Consumer<String> watcher) {
        Watched store = opened.get(task);
        if (store == null) {
            throw new IllegalStateException("store " + name() + " of task " + task + " must be open to be watched");
        }
        store.watcher = watcher;
    }

    @Override
    public String name() {
        return plain.name();
    }

    @Override
    public String metricsScope() {
        return plain.metricsScope();
    }

    @Override
    public KeyValueStore<Bytes, byte[]> get() {
        return new Watched(plain.get());
    }

    private final class Watched implements KeyValueStore<Bytes, byte[]> {
        private final KeyValueStore<Bytes, byte[]> store;
        private @Nullable TaskId task;
        private Consumer<String> watcher = key -> {};

        Watched(KeyValueStore<Bytes, byte[]> store) {
            this.store = store;
        }

        private void given(Bytes key) {
            watcher.accept(new String(key.get(), StandardCharsets.UTF_8));
        }

        @Override
        public void init(StateStoreContext context, StateStore root) {
            task = context.taskId();
            opened.put(context.taskId(), this);
            store.init(context, root);
        }

        @Override
        public void close() {
            if (task != null) {
                opened.remove(task, this);
            }
            store.close();
        }

        @Override
        public void put(Bytes key, byte[] value) {
            store.put(key, value);
            given(key);
        }

        @Override
        public byte @Nullable [] putIfAbsent(Bytes key, byte[] value) {
            byte @Nullable [] before = store.putIfAbsent(key, value);
            given(key);
            return before;
        }

        @Override
        public void putAll(List<KeyValue<Bytes, byte[]>> entries) {
            store.putAll(entries);
            entries.forEach(entry -> given(entry.key));
        }

        @Override
        public byte @Nullable [] delete(Bytes key) {
            return store.delete(key);
        }

        @Override
        public byte @Nullable [] get(Bytes key) {
            return store.get(key);
        }

        @Override
        public KeyValueIterator<Bytes, byte[]> range(Bytes from, Bytes to) {
            return store.range(from, to);
        }

        @Override
        public KeyValueIterator<Bytes, byte[]> reverseRange(Bytes from, Bytes to) {
            return store.reverseRange(from, to);
        }

        @Override
        public KeyValueIterator<Bytes, byte[]> all() {
            return store.all();
        }

        @Override
        public KeyValueIterator<Bytes, byte[]> reverseAll() {
            return store.reverseAll();
        }

        @Override
        public <S extends Serializer<P>, P> KeyValueIterator<Bytes, byte[]> prefixScan(P prefix, S serializer) {
            return store.prefixScan(prefix, serializer);
        }

        @Override
        public long approximateNumEntries() {
            return store.approximateNumEntries();
        }

        @Override
        public String name() {
            return store.name();
        }

        @Override
        public void commit(Map<TopicPartition, Long> offsets) {
            store.commit(offsets);
        }

        @Override
        public boolean persistent() {
            return store.persistent();
        }

        @Override
        public boolean isOpen() {
            return store.isOpen();
        }

        @Override
        public <R> QueryResult<R> query(Query<R> query, PositionBound bound, QueryConfig config) {
            return store.query(query, bound, config);
        }

        @Override
        public Position getPosition() {
            return store.getPosition();
        }
    }
}
