/** Rows of features from CSV and JSON lines files. */
@NullMarked
package dev.understudy.rows;

import org.jspecify.annotations.NullMarked;
