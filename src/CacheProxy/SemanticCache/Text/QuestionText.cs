namespace CacheProxy.SemanticCache.Text;

/// <summary>A question taken apart once, as the guards read it. Immutable.</summary>
public sealed class QuestionText
{
    private readonly HashSet<string> _words;

    public QuestionText(string original)
    {
        Original = original;
        Tokens = QuestionTokenizer.Tokenize(original);
        Content = [.. Tokens.Where(t => t.IsContent)];
        ContentStems = Content.Select(t => t.Stem).ToHashSet(StringComparer.Ordinal);
        Meanings = Content.Select(t => Synonyms.MeaningOf(t.Stem)).ToHashSet(StringComparer.Ordinal);
        _words = Tokens.Where(t => t.Kind == TokenKind.Word).Select(t => t.Lower).ToHashSet(StringComparer.Ordinal);
        Script = ScriptDetector.Detect(original);
    }

    public string Original { get; }

    public IReadOnlyList<QuestionToken> Tokens { get; }

    /// <summary>The tokens that carry meaning, in order.</summary>
    public IReadOnlyList<QuestionToken> Content { get; }

    public IReadOnlySet<string> ContentStems { get; }

    public Script Script { get; }

    /// <summary>The stems of <see cref="ContentStems"/>, synonyms joined.</summary>
    public IReadOnlySet<string> Meanings { get; }

    public bool HasWord(string lower) => _words.Contains(lower);
}
