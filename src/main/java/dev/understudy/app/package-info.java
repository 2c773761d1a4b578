/** The composition root. */
@NullMarked
package dev.understudy.app;

import org.jspecify.annotations.NullMarked;
