namespace CacheProxy.Inference.Speculation;

/// <summary>
/// Guesses a sequence's next tokens: what followed the last time that its newest tokens stood in its own prompt or answer.
/// The model verifies the guesses in its next step, so they change nothing but the time.
/// </summary>
/// <param name="most">The most tokens of one draft.</param>
internal sealed class PromptLookup(int most)
{
    /// <summary>From here on agreement is rarely chance. The rarer, more reliable matches keep a pace of their own.</summary>
    private const int StrongMatch = 7;

    private readonly NgramIndex _index = new();
    private readonly DraftPace _weak = new();
    private readonly DraftPace _strong = new();
    private DraftPace? _used;
    private double _breakEven;

    public int Most => most;

    /// <summary>Called in each step in which the sequence decodes.</summary>
    /// <param name="tokens">Prompt and answer so far.</param>
    /// <param name="capacity">Tokens that their buffer holds.</param>
    /// <param name="draft">Where to write; its length is the most tokens that there is room for.</param>
    /// <param name="breakEven">See <see cref="StepCost.BreakEven"/>.</param>
    /// <returns>Tokens written.</returns>
    public int Propose(ReadOnlySpan<int> tokens, int capacity, Span<int> draft, double breakEven)
    {
        bool isWeakReady = _weak.Advance();
        bool isStrongReady = _strong.Advance();
        if (draft.IsEmpty || !(isWeakReady || isStrongReady))
        {
            return 0;
        }

        int source = _index.Find(tokens, capacity, out int matched);
        (_used, bool isReady) = matched >= StrongMatch ? (_strong, isStrongReady) : (_weak, isWeakReady);
        if (source < 0 || !isReady)
        {
            return 0;
        }

        _breakEven = breakEven;
        int length = Math.Min(_used.Limit(breakEven), draft.Length);
        for (int i = 0; i < length; i++)
        {
            // Where the match reaches up to the end, the text repeats itself: the draft goes on with its own beginning.
            int at = source + i;
            draft[i] = at < tokens.Length ? tokens[at] : draft[at - tokens.Length];
        }

        return length;
    }

    /// <param name="drafted">Tokens of the last proposal that were in the step, at least one.</param>
    /// <param name="accepted">How many of them, from the first, the model chose itself.</param>
    public void Learn(int drafted, int accepted) => _used!.Learn(drafted, accepted, _breakEven, most);
}
