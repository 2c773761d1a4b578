/** What scoring needs of a model. */
@NullMarked
package dev.understudy.model;

import org.jspecify.annotations.NullMarked;
