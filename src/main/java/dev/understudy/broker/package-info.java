/** Embedded Kafka and embedded schema registry. */
@NullMarked
package dev.understudy.broker;

import org.jspecify.annotations.NullMarked;
