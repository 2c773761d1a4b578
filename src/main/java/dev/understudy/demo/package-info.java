/** The demonstration: generated traffic for the shipped models. */
@NullMarked
package dev.understudy.demo;

import org.jspecify.annotations.NullMarked;
