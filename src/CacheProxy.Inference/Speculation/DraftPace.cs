namespace CacheProxy.Inference.Speculation;

/// <summary>
/// How many tokens one sequence guesses ahead. The length doubles when all were right and halves when none was; it ends where
/// the chance that the whole draft up to there is right falls below the break-even. What does not pay is left alone for a
/// while, twice as long each time.
/// </summary>
internal sealed class DraftPace
{
    private const int FirstLength = 4;

    /// <summary>Steps without a draft after the first and at most after many that did not pay.</summary>
    private const int ShortestPause = 4, LongestPause = 64;

    /// <summary>Weight of the newest guess in the share that was right.</summary>
    private const double Newest = 0.2;

    private const double FirstAcceptance = 0.7;

    private int _length = FirstLength;
    private int _pause;
    private int _nextPause = ShortestPause;
    private double _acceptance = FirstAcceptance;
    private bool _isProbing;

    /// <summary>Share of the recent guesses that were right.</summary>
    public double Acceptance => _acceptance;

    /// <summary>One step goes by in which the sequence decodes.</summary>
    /// <returns>False while it pauses.</returns>
    public bool Advance()
    {
        if (_pause == 0)
        {
            return true;
        }

        _pause--;
        _isProbing = _pause == 0;
        return false;
    }

    /// <param name="breakEven">See <see cref="StepCost.BreakEven"/>.</param>
    /// <returns>The most tokens worth guessing now.</returns>
    public int Limit(double breakEven)
    {
        if (_isProbing)
        {
            return 1;
        }

        double chance = _acceptance;
        int length = 0;
        while (length < _length && chance >= breakEven)
        {
            length++;
            chance *= _acceptance;
        }

        if (length == 0)
        {
            Pause();
        }

        return length;
    }

    /// <summary>Takes in what came of a draft.</summary>
    /// <param name="most">The most tokens a draft may have.</param>
    public void Learn(int drafted, int accepted, double breakEven, int most)
    {
        for (int i = 0; i < accepted; i++)
        {
            _acceptance += Newest * (1 - _acceptance);
        }

        if (accepted == drafted)
        {
            _length = Math.Min(most, _length * 2);
            _nextPause = ShortestPause;
            _acceptance = Math.Max(_acceptance, breakEven);
            _isProbing = false;
            return;
        }

        _acceptance -= Newest * _acceptance;
        if (accepted == 0)
        {
            _length = Math.Max(1, _length / 2);
            if (_isProbing || _acceptance < breakEven)
            {
                Pause();
            }
        }
    }

    private void Pause()
    {
        _pause = _nextPause;
        _nextPause = Math.Min(LongestPause, _nextPause * 2);
    }
}
