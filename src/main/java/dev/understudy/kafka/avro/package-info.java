/** Confluent's wire format, the registry client, records to domain and back. */
@NullMarked
package dev.understudy.kafka.avro;

import org.jspecify.annotations.NullMarked;
