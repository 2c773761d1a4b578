/**
 * Embedded Kafka and embedded schema registry. {@link dev.understudy.broker.EmbeddedKafka} is what the other rooms use;
 * all the rest runs in its child JVM.
 */
@NullMarked
package dev.understudy.broker;

import org.jspecify.annotations.NullMarked;
