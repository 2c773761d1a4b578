/** The configuration file as validated records. */
@NullMarked
package dev.understudy.config;

import org.jspecify.annotations.NullMarked;
