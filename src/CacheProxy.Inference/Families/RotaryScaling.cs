namespace CacheProxy.Inference.Families;

/// <summary>The angles per position of rotary embeddings, stretched for contexts longer than those of the first training.</summary>
/// <remarks>Frequencies are in radians per position, one per rotated pair, fastest first.</remarks>
internal static class RotaryScaling
{
    /// <param name="frequencyBase">base^(-2i / rotated) for pair i.</param>
    /// <param name="rotated">Floats of a head that rotate: two per pair.</param>
    public static double[] Plain(double frequencyBase, int rotated) =>
        [.. Enumerable.Range(0, rotated / 2).Select(pair => Math.Pow(frequencyBase, -2.0 * pair / rotated))];

    /// <summary>Every pair slower by its factor: linear scaling, and one table of longrope.</summary>
    public static double[] Divide(double[] frequencies, Func<int, double> factor) => [.. frequencies.Select((frequency, pair) => frequency / factor(pair))];

    /// <summary>Llama 3.1: slow pairs (fewer than <paramref name="low"/> turns in the original context) are divided, fast ones stay, between them a blend.</summary>
    public static double[] Llama3(double[] frequencies, double factor, double low, double high, double originalContext) => Array.ConvertAll(frequencies, frequency =>
    {
        double turns = originalContext * frequency / (2 * Math.PI);
        double kept = Math.Clamp((turns - low) / (high - low), 0, 1);
        return frequency * ((1 - kept) / factor + kept);
    });

    /// <summary>
    /// YaRN (arXiv 2309.00071): pairs that turn more than <paramref name="betaFast"/> times in the original context stay, those below
    /// <paramref name="betaSlow"/> are divided, with a ramp over the pairs between them.
    /// </summary>
    /// <param name="truncate">Whether the ramp begins and ends at whole pairs, as in the original code.</param>
    public static double[] Yarn(double frequencyBase, int rotated, double factor, double originalContext, double betaFast, double betaSlow, bool truncate)
    {
        double PairOf(double turns) => rotated * Math.Log(originalContext / (turns * 2 * Math.PI)) / (2 * Math.Log(frequencyBase));
        double first = PairOf(betaFast), last = PairOf(betaSlow);
        if (truncate)
        {
            (first, last) = (Math.Floor(first), Math.Ceiling(last));
        }

        (first, last) = (Math.Max(first, 0), Math.Min(last, rotated - 1));
        double width = first == last ? 0.001 : last - first;
        return [.. Plain(frequencyBase, rotated).Select((frequency, pair) =>
        {
            double divided = Math.Clamp((pair - first) / width, 0, 1);
            return frequency * ((divided / factor) + 1 - divided);
        })];
    }

    /// <summary>YaRN's growth of cosines and sines with the factor; <paramref name="scale"/> is called mscale.</summary>
    public static double YarnMagnitude(double factor, double scale) => factor <= 1 ? 1 : (0.1 * scale * Math.Log(factor)) + 1;

    /// <summary>Longrope's, for a context stretched by <paramref name="factor"/>.</summary>
    public static double LongMagnitude(double factor, double originalContext) => factor <= 1 ? 1 : Math.Sqrt(1 + (Math.Log(factor) / Math.Log(originalContext)));
}
