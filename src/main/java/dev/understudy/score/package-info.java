/** Pipeline stage SCORE. */
@NullMarked
package dev.understudy.score;

import org.jspecify.annotations.NullMarked;
