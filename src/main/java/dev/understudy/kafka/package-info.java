/** Topics, the runner of a pipeline stage, scoring ahead, dead letters. */
@NullMarked
package dev.understudy.kafka;

import org.jspecify.annotations.NullMarked;
