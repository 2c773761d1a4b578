/** What is measured, for monitoring systems. */
@NullMarked
package dev.understudy.metrics;

import org.jspecify.annotations.NullMarked;
