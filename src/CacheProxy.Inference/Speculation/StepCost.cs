namespace CacheProxy.Inference.Speculation;

/// <summary>
/// What one more row costs in a decoding step, measured while the engine runs: a straight line through the durations of the
/// recent steps over their rows (least squares, older steps forgotten). Attention, projections and the head's logits of the
/// row are all in it, on whatever device.
/// </summary>
internal sealed class StepCost
{
    /// <summary>What a step still counts after the next: some 100 steps are remembered.</summary>
    private const double Kept = 0.99;

    /// <summary>Share of a one-row step that a further row is taken to cost until steps of different sizes were seen.</summary>
    private const double FirstGuess = 0.15;

    /// <summary>How firmly: as much as this much spread among the rows seen.</summary>
    private const double Doubt = 4;

    /// <summary>A step that took longer than this many times the mean was interrupted.</summary>
    private const double Outlier = 4;

    private double _steps;
    private double _rows;
    private double _rowsSquared;
    private double _seconds;
    private double _rowSeconds;

    /// <param name="rows">Tokens of the step, each with its logits.</param>
    public void Observe(int rows, TimeSpan duration)
    {
        double seconds = duration.TotalSeconds;
        if (seconds <= 0)
        {
            return;
        }

        seconds = _steps > 1 ? Math.Min(seconds, Outlier * SecondsOf(rows)) : seconds;
        _steps = (_steps * Kept) + 1;
        _rows = (_rows * Kept) + rows;
        _rowsSquared = (_rowsSquared * Kept) + ((double)rows * rows);
        _seconds = (_seconds * Kept) + seconds;
        _rowSeconds = (_rowSeconds * Kept) + (rows * seconds);
    }

    /// <summary>
    /// The chance of being right from which on a guess pays: what a row costs over what one token costs in a step of
    /// <paramref name="rows"/> tokens without guesses. One row: about a sixth on CPU; a full batch: nearly one.
    /// </summary>
    public double BreakEven(int rows)
    {
        double token = SecondsOf(rows) / rows;
        return Math.Clamp(SecondsPerRow() / token, 0, 1);
    }

    private double SecondsOf(int rows) => _steps == 0
        ? 1 + (FirstGuess * (rows - 1))
        : Math.Max(1e-9, (_seconds / _steps) + (SecondsPerRow() * (rows - (_rows / _steps))));

    private double SecondsPerRow()
    {
        if (_steps == 0)
        {
            return FirstGuess;
        }

        double meanRows = _rows / _steps;
        double spread = _rowsSquared - (_rows * meanRows);
        double together = _rowSeconds - (_rows * _seconds / _steps);
        double mean = _seconds / _steps;
        double guess = mean / (meanRows + (1 / FirstGuess) - 1);
        return Math.Clamp((together + (Doubt * guess)) / (spread + Doubt), 0, mean / meanRows);
    }
}
