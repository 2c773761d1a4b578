/** Pipeline stage EVALUATE. */
@NullMarked
package dev.understudy.evaluate;

import org.jspecify.annotations.NullMarked;
