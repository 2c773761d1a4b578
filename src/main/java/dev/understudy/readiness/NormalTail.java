package dev.understudy.readiness;

/**
 * ln Φ(x) of the standard normal distribution, accurate in the far tail, where Φ itself underflows.
 *
 * <p>For x &lt; 0: ln Φ(x) = ln(½·erfcx(−x/√2)) − x²/2; for x &gt;= 0: ln(1 − ½·erfc(x/√2)) by log1p. erfc and
 * erfcx(y) = e^(y²)·erfc(y) are W. J. Cody's rational Chebyshev approximations ("Rational Chebyshev approximations for
 * the error function", Mathematics of Computation 23, 1969; coefficients of his CALERF in netlib's SPECFUN), with a
 * relative error of a few 10^-16.
 */
final class NormalTail {
    private static final double[] A = {
        3.16112374387056560e00,
        1.13864154151050156e02,
        3.77485237685302021e02,
        3.20937758913846947e03,
        1.85777706184603153e-1
    };
    private static final double[] B = {
        2.36012909523441209e01, 2.44024637934444173e02, 1.28261652607737228e03, 2.84423683343917062e03
    };
    private static final double[] C = {
        5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e01, 2.98635138197400131e02,
        8.81952221241769090e02, 1.71204761263407058e03, 2.05107837782607147e03, 1.23033935479799725e03,
        2.15311535474403846e-8
    };
    private static final double[] D = {
        1.57449261107098347e01, 1.17693950891312499e02, 5.37181101862009858e02, 1.62138957456669019e03,
        3.29079923573345963e03, 4.36261909014324716e03, 3.43936767414372164e03, 1.23033935480374942e03
    };
    private static final double[] P = {
        3.05326634961232344e-1,
        3.60344899949804439e-1,
        1.25781726111229246e-1,
        1.60837851487422766e-2,
        6.58749161529837803e-4,
        1.63153871373020978e-2
    };
    private static final double[] Q = {
        2.56852019228982242e00,
        1.87295284992346725e00,
        5.27905102951428412e-1,
        6.05183413124413191e-2,
        2.33520497626869185e-3
    };
    private static final double ONE_OVER_ROOT_PI = 5.6418958354775628695e-1;
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
