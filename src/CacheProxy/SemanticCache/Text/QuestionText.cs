namespace CacheProxy.SemanticCache.Text;

/// <summary>A question taken apart once, as the guards read it. Immutable.</summary>
public sealed class QuestionText
{
    public QuestionText(string original)
    {
        Original = original;
        Tokens = QuestionTokenizer.Tokenize(original);
        Content = [.. Tokens.Where(t => t.IsContent)];
        ContentStems = Content.Select(t => t.Stem).ToHashSet(StringComparer.Ordinal);
        Script = ScriptDetector.Detect(original);
    }

    public string Original { get; }

    public IReadOnlyList<QuestionToken> Tokens { get; }

    /// <summary>The tokens that carry meaning, in order.</summary>
    public IReadOnlyList<QuestionToken> Content { get; }

    public IReadOnlySet<string> ContentStems { get; }

    public Script Script { get; }

    /// <summary>Every stem, stop words included.</summary>
    public bool HasWord(string lower) => Tokens.Any(t => t.Kind == TokenKind.Word && t.Lower == lower);
}
