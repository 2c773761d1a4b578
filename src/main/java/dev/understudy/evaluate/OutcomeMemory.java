package dev.understudy.evaluate;

import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * One bound on the memory that RocksDB takes for awaited outcomes. By default each store of each partition would take up
 * to some hundred mebibytes of its own, outside the heap.
 */
public final class OutcomeMemory implements AutoCloseable {
    /** Streams setting that holds this object. */
    static final String OBJECT = "understudy.outcome.memory";

    private static final long WRITE_SHARE = 2;
    private static final long WRITE_BUFFER = 4L << 20;

    static {
        RocksDB.loadLibrary();
    }

    private final Cache cache;
    private final WriteBufferManager writeBuffers;

    /** @param mebibytes for blocks that were read and for what was written and is not on disk yet, half of it each */
    public OutcomeMemory(int mebibytes) {
        if (mebibytes < 1) {
            throw new IllegalArgumentException("outcomes.memory-mebibytes must be at least 1, was " + mebibytes);
        }
        long bytes = (long) mebibytes << 20;
        this.cache = new LRUCache(bytes);
        this.writeBuffers = new WriteBufferManager(bytes / WRITE_SHARE, cache);
    }

    /** The Kafka Streams settings that make the stores use it. */
    public Map<String, Object> streams() {
        return Map.of(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, Setter.class, OBJECT, this);
    }

    /** To be closed after the stage. */
    @Override
    public void close() {
        writeBuffers.close();
        cache.close();
    }

    /** Made by Kafka Streams for each store. */
    public static final class Setter implements RocksDBConfigSetter {
        @Override
        public void setConfig(String storeName, Options options, Map<String, Object> configs) {
            if (!(configs.get(OBJECT) instanceof OutcomeMemory memory)) {
                throw new ConfigException(OBJECT, configs.get(OBJECT), "must be the stage's OutcomeMemory object");
            }
            if (options.tableFormatConfig() instanceof BlockBasedTableConfig table) {
                table.setBlockCache(memory.cache);
                table.setCacheIndexAndFilterBlocks(true);
                options.setTableFormatConfig(table);
            }
            options.setWriteBufferManager(memory.writeBuffers);
            options.setWriteBufferSize(WRITE_BUFFER);
        }

        /** Cache and buffers are the memory's. */
        @Override
        public void close(String storeName, Options options) {
            // Kafka Streams closes the options; there is nothing else of this store's.
        }
    }
}
