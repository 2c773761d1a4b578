package dev.understudy.readiness;

/**
 * ln Φ(x) of the standard normal distribution, accurate in the far tail, where Φ itself underflows.
 *
 * <p>For x &lt; 0: ln Φ(x) = ln(½·erfcx(−x/√2)) − x²/2; for x &gt;= 0: ln(1 − ½·erfc(x/√2)) by log1p. erfc and
 * erfcx(y) = e^(y²)·erfc(y) are W. J. Cody's rational Chebyshev approximations ("Rational Chebyshev approximations for
 * the error function", Mathematics of Computation 23, 1969; coefficients of his CALERF in netlib's SPECFUN, as the nearest doubles), with a
 * relative error of a few 10^-16.
 */
final class NormalTail {
    private static final double[] A = {
        3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694, 0.18577770618460315
    };
    private static final double[] B = {23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171};
    private static final double[] C = {
        0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001,
        881.952221241769, 1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
        2.1531153547440383E-08
    };
    private static final double[] D = {
        15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903,
        3290.7992357334597, 4362.619090143247, 3439.3676741437216, 1230.3393548037495
    };
    private static final double[] P = {
        0.30532663496123236,
        0.36034489994980445,
        0.12578172611122926,
        0.016083785148742275,
        0.0006587491615298378,
        0.016315387137302097
    };
    private static final double[] Q = {
        2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918
    };
    private static final double ONE_OVER_ROOT_PI = 0.5641895835477563;
    private static final double ROOT_HALF = Math.sqrt(0.5);

    private NormalTail() {}

    /** ln Φ(x); −∞ at −∞, 0 at +∞. */
    static double logCdf(double x) {
        if (x == Double.NEGATIVE_INFINITY) {
            return x;
        }
        if (x < 0) {
            return StrictMath.log(0.5 * erfcx(-x * ROOT_HALF)) - x * x / 2;
        }
        double y = x * ROOT_HALF;
        return StrictMath.log1p(-0.5 * erfcx(y) * StrictMath.exp(-y * y));
    }

    /** e^(y²)·erfc(y) for y &gt;= 0. */
    static double erfcx(double y) {
        if (y <= 0.46875) {
            double square = y * y;
            double top = A[4] * square;
            double bottom = square;
            for (int i = 0; i < 3; i++) {
                top = (top + A[i]) * square;
                bottom = (bottom + B[i]) * square;
            }
            double erf = y * (top + A[3]) / (bottom + B[3]);
            return (1 - erf) * StrictMath.exp(square);
        }
        if (y <= 4) {
            double top = C[8] * y;
            double bottom = y;
            for (int i = 0; i < 7; i++) {
                top = (top + C[i]) * y;
                bottom = (bottom + D[i]) * y;
            }
            return (top + C[7]) / (bottom + D[7]);
        }
        double square = 1 / (y * y);
        double top = P[5] * square;
        double bottom = square;
        for (int i = 0; i < 4; i++) {
            top = (top + P[i]) * square;
            bottom = (bottom + Q[i]) * square;
        }
        return (ONE_OVER_ROOT_PI - square * (top + P[4]) / (bottom + Q[4])) / y;
    }
}
