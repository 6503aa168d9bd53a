namespace CacheProxy.SemanticCache.Text;

/// <summary>
/// Two questions side by side, and the meaningful words of each that the other has not: not by the same stem, as a synonym, misspelt, joined or
/// split, or as its initials. Computed once for all guards. Symmetric: nothing depends on which of the two was there first.
/// </summary>
public sealed class TextPair
{
    private QuestionToken[]? _onlyLeft;
    private QuestionToken[]? _onlyRight;

    public TextPair(QuestionText left, QuestionText right)
    {
        Left = left;
        Right = right;
    }

    public QuestionText Left { get; }

    public QuestionText Right { get; }

    /// <summary>Meaningful words that only <see cref="Left"/> has. Numbers are none: how they are written does not count, so they are compared by value elsewhere.</summary>
    public IReadOnlyList<QuestionToken> OnlyLeft => _onlyLeft ??= Unmatched(Left, Right);

    /// <summary>Meaningful words that only <see cref="Right"/> has.</summary>
    public IReadOnlyList<QuestionToken> OnlyRight => _onlyRight ??= Unmatched(Right, Left);

    private static QuestionToken[] Unmatched(QuestionText own, QuestionText other)
    {
        List<QuestionToken>? found = null;
        for (int i = 0; i < own.Tokens.Count; i++)
        {
            if (own.Tokens[i].IsContent && !NumberWords.Is(own.Tokens[i]) && !WordMatch.IsIn(own, i, other))
            {
                (found ??= []).Add(own.Tokens[i]);
            }
        }

        return found?.ToArray() ?? [];
    }
}
