/** Plain values that every room speaks. JDK only. */
@NullMarked
package dev.understudy.domain;

import org.jspecify.annotations.NullMarked;
